import type { NewCommand } from '../commands/newCommand.ts';
import type { CheckClaims } from './agentBatches.ts';

interface Sources {
  /** Which of these may be true. */
  runs(claims: readonly { runId: string; hostId: string; at: number }[]): Promise<boolean[]>;
  terminals(claims: readonly { recordingId: string; hostId: string; at: number }[]): Promise<boolean[]>;
}

/** Holds what shells say they belong to against what the server knows. */
export function createCheckClaims({ runs, terminals }: Sources): CheckClaims {
  return async (claims) => {
    const links = new Map<number, Pick<NewCommand, 'run_id' | 'terminal_id'>>();
    const ofRuns = await runs(claims.map(({ id, hostId, at }) => ({ runId: id, hostId, at })));
    const ofTerminals = await terminals(claims.map(({ id, hostId, at }) => ({ recordingId: id, hostId, at })));
    for (const [place, { id }] of claims.entries()) {
      if (ofRuns[place]) links.set(place, { run_id: id, terminal_id: null });
      else if (ofTerminals[place]) links.set(place, { run_id: null, terminal_id: id });
    }
    return links;
  };
}
