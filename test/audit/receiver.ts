import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** What the forwarder sends, one field after the other (docs/agent.md). */
const fields = [
  'kind',
  'time',
  'uid',
  'user',
  'claimed',
  'login',
  'tty',
  'session',
  'number',
  'source',
  'directory',
  'exit',
  'via',
  'run',
  'text',
] as const;
export type AgentRecord = Record<(typeof fields)[number], string>;

export interface Receiver {
  url: string;
  /** Everything that was taken, once each, in the order of its sequence. */
  records(): AgentRecord[];
  of(kind: string): AgentRecord[];
  /** Batches that were refused, and what was wrong with them. */
  refused: string[];
  /** What becomes of a batch: taken, not answered after it was stored, or not even read. */
  mode: 'take' | 'cut' | 'away';
  batches: number;
  /** Seconds by which its clock is ahead of ours; what was signed by another is refused. */
  aheadSeconds: number;
  close(): Promise<void>;
}

/** The server's side of the contract, as small as it can be: verifies each signature and keeps the sequence. */
export async function startReceiver(key: Buffer): Promise<Receiver> {
  const lives = new Map<string, AgentRecord[]>();
  const server = createServer((request, response) => {
    if (receiver.mode === 'away') return void request.socket.destroy();
    const pieces: Buffer[] = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      const now = Math.floor(Date.now() / 1000) + receiver.aheadSeconds;
      if (Math.abs(Number(request.headers['om-time']) - now) > 300) {
        response.writeHead(401).end(JSON.stringify({ code: 'CLOCK', message: 'no', now }));
        return;
      }
      const problem = check(key, request.headers, body);
      if (problem !== undefined) {
        receiver.refused.push(problem);
        response.writeHead(400).end('{"code":"INVALID_PARAMS","message":"no"}');
        return;
      }
      const next = take(String(request.headers['om-boot']), Number(request.headers['om-first']), body.toString());
      receiver.batches++;
      if (receiver.mode === 'cut') return void request.socket.destroy();
      response.end(JSON.stringify({ next }));
    });
  });

  function take(boot: string, first: number, body: string): number {
    const known = lives.get(boot) ?? [];
    lives.set(boot, known);
    for (const [i, line] of body.split('\n').slice(0, -1).entries()) {
      if (first + i <= known.length) continue;
      if (first + i > known.length + 1) receiver.refused.push(`a hole before ${first + i}`);
      const parts = line.split('\t');
      if (parts.length !== fields.length) receiver.refused.push(`${parts.length} fields: ${line.slice(0, 200)}`);
      // Each name of `fields` is there.
      known.push(Object.fromEntries(fields.map((name, at) => [name, unescaped(parts[at] ?? '')])) as AgentRecord);
    }
    return known.length + 1;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    records: () => [...lives.values()].flat(),
    of: (kind) => receiver.records().filter((record) => record.kind === kind),
    refused: [],
    mode: 'take',
    batches: 0,
    aheadSeconds: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

function check(key: Buffer, headers: IncomingHttpHeaders, body: Buffer): string | undefined {
  const signed = ['om-host', 'om-key', 'om-time', 'om-boot', 'om-first'].map((name) => `${headers[name]}\n`).join('');
  const right = createHmac('sha256', key).update(`om-audit-v1\n${signed}`).update(body).digest('hex');
  if (headers['om-signature'] !== `v1=${right}`) return 'the signature is wrong';
  if (headers['content-type'] !== 'text/tab-separated-values; charset=utf-8') return 'the content type is wrong';
  if (body.length > 1_048_576) return 'the batch is too large';
  if (body.at(-1) !== 10) return 'the last line does not end';
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|.)/g, (_, what: string) => {
    if (what.startsWith('x')) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    return { n: '\n', t: '\t', r: '\r' }[what] ?? what;
  });
}
