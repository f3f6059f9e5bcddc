import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Operator } from '../lab/operators.ts';
import type { Watched, WatcherReply, WatcherRequest } from './scaleWatcher.ts';

export interface Watchers {
  /** All of them follow the run to its end; resolves with what each received once the last one has. */
  watch(runId: string): Promise<Watched[]>;
  stop(): Promise<void>;
}

/** Starts connected clients, each in a process of its own, signed in as `operator`. */
export async function startWatchers(count: number, operator: Operator, port: number): Promise<Watchers> {
  const children = Array.from({ length: count }, () =>
    fork(fileURLToPath(new URL('scaleWatcher.ts', import.meta.url)), { serialization: 'advanced' }),
  );
  const { serverPublicKey, keyPair, session } = operator;
  const ask = async (child: ChildProcess, request: WatcherRequest): Promise<WatcherReply> => {
    const answered = once(child, 'message');
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`a watching client ended with ${code}`);
    });
    child.send(request);
    const [reply] = await Promise.race([answered, gone]);
    return reply;
  };
  const stop = async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    }
  };
  await Promise.all(children.map((child) => ask(child, { kind: 'connect', port, serverPublicKey, keyPair, session })));
  return {
    async watch(runId) {
      const replies = await Promise.all(children.map((child) => ask(child, { kind: 'watch', runId })));
      return replies.flatMap((reply) => (reply.kind === 'done' ? [reply] : []));
    },
    stop,
  };
}
