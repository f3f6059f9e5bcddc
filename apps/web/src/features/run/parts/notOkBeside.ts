import type { HostState } from '@omanager/contract';
import type { RunStore } from '../../../live/runStore.ts';
import { notOkStates } from '../header/steering.ts';

const notOk = new Set(notOkStates);

/**
 * The next server that is not OK (`by` 1) or the one before it, round the end; null where there is no other. A filter
 * for one such state keeps to it. `from` null: nobody is shown yet.
 */
export function notOkBeside(
  store: Pick<RunStore, 'host'>,
  total: number,
  { from, by, only = null }: { from: number | null; by: 1 | -1; only?: HostState | null },
): number | null {
  const wanted = only !== null && notOk.has(only) ? new Set([only]) : notOk;
  const start = from ?? (by === 1 ? -1 : 0);
  for (let steps = 1; steps <= total; steps++) {
    const at = (start + by * steps + total * 2) % total;
    const state = store.host(at)?.state;
    if (at !== from && state !== undefined && wanted.has(state)) return at;
  }
  return null;
}
