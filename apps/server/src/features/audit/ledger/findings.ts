import type { LedgerFinding } from '@omanager/contract';

export type Tell = (finding: LedgerFinding) => void;

/** What was found: the first of it by name, and whether anything was changed or is gone. */
export interface Found {
  findings: LedgerFinding[];
  intact: boolean;
  complete: boolean;
}

export const mostFindings = 50;
/** What is not there any more; everything else was changed. */
const gone: ReadonlySet<LedgerFinding['what']> = new Set(['block_gone', 'event_gone', 'checkpoint_missing']);

export function createFindings(): { found: Found; tell: Tell } {
  const found: Found = { findings: [], intact: true, complete: true };
  return {
    found,
    tell(finding) {
      if (gone.has(finding.what)) found.complete = false;
      else found.intact = false;
      if (found.findings.length < mostFindings) found.findings.push(finding);
    },
  };
}

/** What comes after what was found already. */
export function addFound(to: Found, { findings, intact, complete }: Found): void {
  to.findings.push(...findings.slice(0, mostFindings - to.findings.length));
  to.intact &&= intact;
  to.complete &&= complete;
}
