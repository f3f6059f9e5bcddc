import { finalRunStates, type Run } from '@omanager/contract';

/** Why a run of one's own wants to be looked at. */
export type Need = 'asks' | 'lost' | 'notOk';

type Looked = Pick<Run, 'id' | 'attempt' | 'state' | 'counts' | 'createdAt' | 'endedAt'>;

/** Null: it goes its way, or went well. Whoever aborted a run knows of it. */
export function needOf({ state, counts }: Pick<Run, 'state' | 'counts'>): Need | null {
  if (state === 'paused') return 'asks';
  if (counts.lost > 0) return 'lost';
  return state === 'failed' || state === 'partly_succeeded' ? 'notOk' : null;
}

/** What is dismissed is this need of this attempt: another attempt, or another need, comes up again. */
export const needKey = (run: Looked, need: Need): string => `${run.id}:${run.attempt}:${need}`;

export interface Item<R extends Looked = Run> {
  readonly key: string;
  readonly run: R;
  readonly need: Need;
}

/** What needs this person, newest first. Nothing from before `since`: that is history. */
export function inboxOf<R extends Looked>(
  runs: readonly R[],
  since: string,
  dismissed: ReadonlySet<string>,
): Item<R>[] {
  return runs.flatMap((run) => {
    const need = needOf(run);
    if (need === null || (finalRunStates.has(run.state) && (run.endedAt ?? run.createdAt) < since)) return [];
    const key = needKey(run, need);
    return dismissed.has(key) ? [] : [{ key, run, need }];
  });
}
