import { finalRunStates, type Run } from '@omanager/contract';
import { doneCount, notOkCount } from './steering.ts';

/** What is worth saying aloud, changes a handful of times in a run: its state, every quarter, the first failure. */
export function announced(run: Pick<Run, 'state' | 'counts' | 'total'>): string {
  const quarter = run.total === 0 ? 0 : Math.floor((doneCount(run.counts) * 4) / run.total);
  const failed = notOkCount(run.counts);
  // At its end also the count does: servers that were lost may be found.
  return `${run.state} ${quarter} ${finalRunStates.has(run.state) ? failed : failed > 0}`;
}
