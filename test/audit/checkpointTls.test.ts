import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../../apps/server/src/features/audit/ledger/checkpointFailure.ts';
import { syslogSender } from '../../apps/server/src/features/audit/ledger/checkpointSyslog.ts';
import { has } from '../lab/have.ts';
import { freePort } from '../lab/ports.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { type Certificate, makeCertificate, type Receiver, syslogReceiver } from './checkpointReceivers.ts';

const line = 'om-checkpoint-1 7 ab 1 cd ef';
const { signal } = new AbortController();

describe.skipIf(!has('openssl'))('a checkpoint by syslog over TLS', () => {
  const workspace = createWorkspace('syslog-tls');
  const receivers: Receiver[] = [];
  let right: Certificate;
  let other: Certificate;

  beforeAll(() => {
    right = makeCertificate(workspace.dir, 'localhost');
    other = makeCertificate(workspace.dir, 'other.test');
  });
  afterAll(async () => {
    await Promise.all(receivers.map((receiver) => receiver.close()));
    workspace.remove();
  });

  async function receiver(certificate: Certificate) {
    const port = await freePort();
    const made = await syslogReceiver(port, certificate);
    receivers.push(made);
    const send = (ca?: string, host = 'localhost') =>
      syslogSender(new URL(`tls://${host}:${port}`), 10_000, ca)(line, signal);
    const failure = async (...asked: Parameters<typeof send>) =>
      failureOf(await send(...asked).catch((error: unknown) => error));
    return { got: made.got, send, failure };
  }

  it('comes whole, with its length before it (RFC 5425), each by a connection of its own', async () => {
    const { got, send } = await receiver(right);
    await send(right.cert);
    await send(right.cert);
    expect(got).toHaveLength(2);
    for (const frame of got) {
      const [, length, message = ''] = /^([1-9]\d*) (.*)$/s.exec(frame) ?? [];
      expect(Number(length)).toBe(Buffer.byteLength(message));
      expect(message).toMatch(/^<110>1 \S+Z \S+ omserver - checkpoint - om-checkpoint-1 7 ab 1 cd ef$/);
    }
  });

  it('goes to nobody whose certificate is of another CA or of another name', async () => {
    const { got, failure } = await receiver(right);
    expect(await failure()).toEqual({ what: 'tls', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(await failure(other.cert)).toMatchObject({ what: 'tls' });
    // Right for localhost, and not for its address.
    expect(await failure(right.cert, '127.0.0.1')).toEqual({ what: 'tls', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const named = await receiver(other);
    expect(await named.failure(other.cert)).toEqual({ what: 'tls', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect([...got, ...named.got].filter((text) => text !== '')).toEqual([]);
  });

  it('is not said to be sent to who speaks no TLS, or does not end', async () => {
    const plain = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('hello\n');
    }).listen(0, '127.0.0.1');
    const silent = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
    try {
      await Promise.all([once(plain, 'listening'), once(silent, 'listening')]);
      const portOf = (server: typeof plain) => {
        const address = server.address();
        return typeof address === 'object' && address ? address.port : 0;
      };
      const failure = async (port: number, scheme: string) =>
        failureOf(
          await syslogSender(new URL(`${scheme}://localhost:${port}`), 300)(line, signal).catch((error) => error),
        ).what;
      expect(await failure(portOf(plain), 'tls')).toBe('tls');
      expect(await failure(portOf(silent), 'tls')).toBe('timeout');
    } finally {
      plain.close();
      silent.close();
    }
  });
});
