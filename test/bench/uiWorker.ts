import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { encodeKey, generateKeyPair } from '@omanager/secure-channel';
import type { Operator } from '../lab/operators.ts';
import type { UiWork, Wrote } from './uiEngine.ts';
import type { UiWorkerReply, UiWorkerRequest } from './uiWorkerMain.ts';

export interface UiWorker {
  /** What hosts that begin from now on do. */
  work(next: UiWork): Promise<void>;
  wrote(): Promise<Wrote>;
  stop(): Promise<void>;
}

/** Lets the bench's worker in as the one of the zone `default`, and waits until it works. */
export async function startUiWorker({ client, serverPublicKey }: Operator, port: number): Promise<UiWorker> {
  const keyPair = generateKeyPair();
  await client.call('zones.save', { zone: { name: 'default', reach: 'worker', hostKeyPolicy: 'accept' } });
  await client.call('workers.add', { name: 'bench', zone: 'default', publicKey: encodeKey(keyPair.publicKey) });
  const child = fork(fileURLToPath(new URL('uiWorkerMain.ts', import.meta.url)), { serialization: 'advanced' });
  const ask = async (request: UiWorkerRequest): Promise<UiWorkerReply> => {
    const answered = once(child, 'message');
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`the worker ended with ${code}`);
    });
    child.send(request);
    const [reply]: UiWorkerReply[] = await Promise.race([answered, gone]);
    if (!reply) throw new Error('the worker said nothing');
    return reply;
  };
  await ask({ kind: 'start', port, serverPublicKey, keyPair });
  return {
    async work(work) {
      await ask({ kind: 'work', work });
    },
    async wrote() {
      const reply = await ask({ kind: 'wrote' });
      if (reply.kind !== 'wrote') throw new Error('the worker said something else');
      return reply;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
