import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.ts';

/** A part that is killed in the middle of a run, and comes back. */
export interface Victim {
  name: string;
  /** No host may become lost because of it: nobody who runs scripts dies. */
  harmless: boolean;
  /** Of a worker: its id in the store. */
  workerId?: string;
  kill(): Promise<void>;
  revive(): Promise<void>;
}

/** Every kind of victim comes up in turn; which one of its kind is left to chance. */
export function victimOf(om: Installation, round: number): Victim {
  switch (round % 5) {
    case 0:
    case 3:
      return workerVictim(om);
    case 1:
      return apiVictim(om);
    case 2:
      return { name: 'mariadbd', harmless: true, kill: om.mariadb.kill9, revive: later(om.mariadb.restart) };
    default:
      return { name: 'redis', harmless: true, kill: om.redis.kill9, revive: later(om.redis.restart) };
  }
}

function workerVictim({ workers }: Installation): Victim {
  const worker = any(workers);
  return {
    name: `worker ${worker.name}`,
    workerId: worker.id,
    harmless: false,
    kill: worker.kill9,
    revive: later(worker.restart),
  };
}

function apiVictim({ apis }: Installation): Victim {
  const index = Math.floor(Math.random() * apis.length);
  const api = apis[index];
  if (!api) throw new Error('there is no API process');
  return { name: `API ${index + 1}`, harmless: false, kill: api.kill9, revive: later(() => api.restart()) };
}

/** A part that died is away for a while. */
function later(revive: () => Promise<void>): () => Promise<void> {
  return async () => {
    await sleep(1000 + Math.random() * 3000);
    await revive();
  };
}

function any<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}
