import type { NewCommand } from '../commands/newCommand.ts';
import type { CheckClaims } from './agentBatches.ts';

interface Sources {
  /** Which of these may be true. */
  runs(claims: readonly { runId: string; hostId: string; at: number }[]): Promise<boolean[]>;
}

/** Holds what shells say they belong to against what the server knows. */
export function createCheckClaims({ runs }: Sources): CheckClaims {
  return async (claims) => {
    const links = new Map<number, Pick<NewCommand, 'run_id' | 'terminal_id'>>();
    const ofRuns = await runs(claims.map(({ id, hostId, at }) => ({ runId: id, hostId, at })));
    for (const [place, holds] of ofRuns.entries())
      if (holds) links.set(place, { run_id: claims[place]?.id ?? null, terminal_id: null });
    return links;
  };
}
