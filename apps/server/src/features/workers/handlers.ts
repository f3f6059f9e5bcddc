import { type MethodName, OmError } from '@omanager/contract';
import type { WorkerActor } from '../../rpc/actor.ts';
import type { Call, HandlersOf } from '../../rpc/handlers.ts';
import type { Gateway } from './gateway.ts';
import type { Registry } from './registry.ts';

export type WorkerMethod = Extract<MethodName, `workers.${string}` | `worker.${string}`>;

interface Options {
  registry: Registry;
  gateway: Gateway;
  /** After the commit of a change: connections are asked again who they are. */
  raised(): Promise<void>;
}

const ok = { ok: true } as const;

export function createHandlers({ registry, gateway, raised }: Options): HandlersOf<WorkerMethod> {
  return {
    'workers.list': (_call, page) => registry.list(page),
    async 'workers.add'(call, draft) {
      const { userName } = call.signedIn();
      const done = await call.commit((tx, note) => {
        note.object = `worker:${draft.name}`;
        return registry.add(tx, draft, userName);
      });
      await raised();
      return done;
    },
    async 'workers.revoke'(call, { name }) {
      const done = await call.commit(async (tx, note) => {
        note.object = `worker:${name}`;
        await registry.revoke(tx, name);
        return ok;
      });
      await raised();
      return done;
    },

    'worker.claim': (call, asked) => gateway['worker.claim'](workerOf(call), asked, call.signal),
    'worker.begin': (call, asked) => gateway['worker.begin'](workerOf(call), asked, call.signal),
    'worker.report': (call, asked) => gateway['worker.report'](workerOf(call), asked, call.signal),
    'worker.renew': (call, asked) => gateway['worker.renew'](workerOf(call), asked, call.signal),
  };
}

function workerOf({ actor }: Call): WorkerActor {
  if (actor.kind !== 'worker') throw new OmError('FORBIDDEN', 'This is for zone workers only.');
  return actor;
}
