import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createCommandWriter } from '../../apps/server/src/features/audit/commands/commandWriter.ts';
import { createAgentBatches } from '../../apps/server/src/features/audit/ingest/agentBatches.ts';
import { createLegacyPull } from '../../apps/server/src/features/audit/ingest/legacyPull.ts';
import { createGuards } from '../../apps/server/src/http/guards.ts';
import { buildHttp } from '../../apps/server/src/http/server.ts';
import type { Load, LoadDone } from './auditLoad.ts';

export const perBatch = 100;
const key = Buffer.alloc(32, 7);
const keyId = randomUUID();
const unlimited = { burst: 1e9, perSecond: 1e9 };

/** Agents of the original that have something to say at once, and how much they say. */
export interface Crowd {
  senders: number;
  requests: number;
  /** A connection for each request, as those agents make it, or one that each of them keeps. */
  anew: boolean;
}

/** The server's HTTP side with only the audit behind it, and a bare one, in this process; who sends is another thread. */
export async function startAuditServer(db: Database, written: () => void = () => {}) {
  const writer = createCommandWriter({ db, written });
  const quiet = { refused() {}, log: { error: (_details: object, message: string) => console.error(message) } };
  const bare = Fastify({ logger: false });
  bare.get('/bare', async () => 'OK');
  const { admit } = createAgentBatches({
    ...{ ...quiet, writer, rates: { address: unlimited, host: unlimited } },
    keys: { findAgentKey: async () => ({ hostId: currentHost, key }), seen: async () => {} },
    hostName: async () => 'bench',
    checkClaims: async () => new Map(),
  });
  const hosts = Array.from({ length: 16 }, () => randomUUID());
  let currentHost = '';
  const intake = {
    admit: (headers: Parameters<typeof admit>[0], address: string) => {
      currentHost = String(headers['om-host']);
      return admit(headers, address);
    },
    legacy: createLegacyPull({ ...quiet, from: ['127.0.0.0/8'], writer, rate: unlimited }),
  };
  const app = buildHttp({
    ...{ intake, guards: createGuards({ allowedHosts: [], trustedProxies: [], tls: false }) },
    ...{ tls: null, webFiles: null },
    ...{ dispatcher: { handle: async () => null }, actorOfToken: async () => null, ready: async () => null },
    ...{ upgrade: (_request, socket) => socket.destroy(), metrics: async () => '', metricsToken: null },
  });
  const port = await portOf(app);
  const barePort = await portOf(bare);

  async function load(port: number, requests: Load['requests'], anew = false): Promise<number> {
    const worker = new Worker(fileURLToPath(new URL('./auditLoad.ts', import.meta.url)), {
      workerData: { port, requests, anew } satisfies Load,
    });
    const [done]: LoadDone[] = await once(worker, 'message');
    await worker.terminate();
    const sent = requests.reduce((sum, { length }) => sum + length, 0);
    if (!done || done.statuses['200'] !== sent) throw new Error(`not all was taken: ${JSON.stringify(done?.statuses)}`);
    return (sent * 1000) / done.ms;
  }

  const get = (path: string) => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const spread = (count: number, senders: number, make: (sender: number, index: number) => Uint8Array) =>
    Array.from({ length: senders }, (_, c) =>
      Array.from({ length: Math.ceil(count / senders) }, (__, i) => make(c, i)),
    );
  const pull = (c: number, i: number) =>
    `history_id=${c}&history_ip=10.0.0.${c}&history_user=root&history_datetime=2026-11-22+08%3A00%3A00&history_command=${encodeURIComponent(commandOf(i))}`;
  const pulls = (path: string) => (c: number, i: number) => get(`${path}?${pull(c, i)}`);

  return {
    writer,
    /** Requests a second, of so many agents of the original. */
    bare: ({ requests, senders, anew }: Crowd) => load(barePort, spread(requests, senders, pulls('/bare')), anew),
    legacy: ({ requests, senders, anew }: Crowd) =>
      load(port, spread(requests, senders, pulls('/omaudit/omaudit_pull/')), anew),
    /** Batches a second. */
    posts(batches: number) {
      const boots = hosts.map(() => randomUUID());
      return load(
        port,
        spread(batches, hosts.length, (c, i) => signedPost(hosts[c] ?? '', boots[c] ?? '', 1 + i * perBatch)),
      );
    },
    /** One of the original's requests. */
    async pull(command: string) {
      const query = new URLSearchParams(pull(1, 1));
      query.set('history_command', command);
      const answer = await fetch(`http://127.0.0.1:${port}/omaudit/omaudit_pull/?${query}`);
      if ((await answer.text()) !== 'OK') throw new Error('it was not taken');
    },
    close: () => Promise.all([app.close(), bare.close()]),
  };
}

async function portOf(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

export function commandOf(n: number): string {
  const words = [
    'ls -la /var/log',
    'systemctl status nginx',
    'tail -n 200 /var/log/messages | grep error',
    'cd /srv/app',
  ];
  return `${words[n % words.length]} # ${(n * 7919) % 99_991}`;
}

function signedPost(host: string, boot: string, first: number): Buffer {
  const time = String(Math.floor(Date.now() / 1000));
  const lines = Array.from({ length: perBatch }, (_, i) =>
    [
      ...['command', String(Date.now()), '1000', `user${first % 50}`, 'ada', 'ada', 'pts/3', '77-1234', String(i + 1)],
      ...['10.0.0.9', '/home/ada', '0', 'bash', '', commandOf(first + i)],
    ].join('\t'),
  );
  const body = Buffer.from(`${lines.join('\n')}\n`);
  const signed = `om-audit-v1\n${[host, keyId, time, boot, first].join('\n')}\n`;
  const hmac = createHmac('sha256', key).update(signed).update(body).digest('hex');
  const head = [
    'POST /audit/v1/events HTTP/1.1',
    'host: localhost',
    'content-type: text/tab-separated-values; charset=utf-8',
    ...[`om-host: ${host}`, `om-key: ${keyId}`, `om-time: ${time}`, `om-boot: ${boot}`, `om-first: ${first}`],
    ...[`om-signature: v1=${hmac}`, `content-length: ${body.length}`],
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
