import { finalHostStates, type Run } from '@omanager/contract';

/** Servers of a run that have come to an end, whichever. */
export const doneOf = ({ counts }: Pick<Run, 'counts'>): number =>
  [...finalHostStates].reduce((sum, state) => sum + counts[state], 0);
