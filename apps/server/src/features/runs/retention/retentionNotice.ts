import { OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../../db/page.ts';
import type { HostRunRow } from '../rows.ts';

type Attempt = Pick<HostRunRow, 'revision' | 'state' | 'stdout_bytes' | 'stderr_bytes' | 'discarded_bytes'>;

/**
 * Refuses with OUTPUT_REMOVED when the output of this attempt was removed by retention: an empty answer would say
 * that the host wrote nothing.
 */
export async function requireOutput(on: Knex, runId: string, attempt: Attempt): Promise<void> {
  const run: { output_removed_at: number | null; output_removed_revision: number | null } | undefined = await on('runs')
    .where({ id: runId })
    .first('output_removed_at', 'output_removed_revision');
  if (!run || run.output_removed_at === null || run.output_removed_revision === null) return;
  if (attempt.revision > run.output_removed_revision || !hadOutput(attempt)) return;
  throw outputRemoved(run.output_removed_at);
}

export function outputRemoved(at: number): OmError {
  const removedAt = iso(at);
  const message = `The output was removed on ${removedAt}, as OM_KEEP_OUTPUT_DAYS and OM_KEEP_OUTPUT_GB ask for; states and results are kept.`;
  return new OmError('OUTPUT_REMOVED', message, { removedAt });
}

/** How much a lost host wrote was never reported. */
function hadOutput({ state, stdout_bytes, stderr_bytes, discarded_bytes }: Attempt): boolean {
  return state === 'lost' || stdout_bytes + stderr_bytes > discarded_bytes;
}
