import { createFleet, type Fleet, type Lease } from '@omanager/ssh-fleet';
import type { ServerChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKey } from '../lab/keys.ts';
import { listenSsh, type SshServer } from '../lab/sshServer.ts';
import { soon } from './harness.ts';

/** A server that keeps to no rule of the protocol: nothing of it may fill this process. */
describe('output of a hostile server', () => {
  let server: SshServer;
  let fleet: Fleet;
  let lease: Lease;
  let answer: (channel: ServerChannel) => void;

  beforeEach(async () => {
    const keys = { host: generateKey(), user: generateKey() };
    server = await listenSsh({
      ...{ address: '127.0.0.1', port: 0, hostKeys: [keys.host.privateKey], authorizedKeys: [keys.user.publicLine] },
      onExec: ({ channel }) => answer(channel),
    });
    fleet = createFleet({ async onFirstUse() {} });
    const target = {
      ...{ address: server.address, port: server.port, username: 'lab', via: [] },
      credential: { id: 'lab', version: 1, auth: { kind: 'key' as const, privateKey: keys.user.privateKey } },
      trust: { keys: [], revoked: [], firstUse: 'accept' as const },
    };
    lease = await fleet.acquire(target, soon());
  });
  afterEach(async () => {
    lease.release();
    await fleet.close();
    await server.stop();
  });

  it.each(['stdout', 'stderr'] as const)(
    'beyond what it was allowed to send on %s ends the channel',
    async (stream) => {
      let stop = false;
      answer = (channel) => {
        const { outgoing } = channel as unknown as { outgoing: { window: number } };
        const more = () => {
          outgoing.window = 2 ** 30;
          // An odd size: the window is never used up to the byte.
          for (let n = 0; n < 16; n++) (stream === 'stdout' ? channel : channel.stderr).write(Buffer.alloc(30_001));
          if (!stop) setImmediate(more);
        };
        more();
      };
      let got = 0;
      const process = await lease.exec('flood', {
        onData(_stream, chunk) {
          got += chunk.length;
          // A reader that is slow.
          return new Promise(() => {});
        },
      });
      try {
        await expect(process.done).rejects.toMatchObject({
          reason: 'closed',
          message: expect.stringContaining('more'),
        });
      } finally {
        stop = true;
      }
      expect(got).toBeLessThan(100_000);
    },
    20_000,
  );

  it('with an exit status that no process has is one that a database can hold', async () => {
    answer = (channel) => {
      channel.exit(2 ** 32 - 1);
      channel.end();
    };
    const process = await lease.exec('x');
    expect(await process.done).toEqual({ code: -1 });
  });
});
