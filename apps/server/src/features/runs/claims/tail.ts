import type { Tx } from '../../../db/database.ts';
import { appendOutput } from '../output/output.ts';
import type { HostAttempt } from './exchange.ts';

const heading = '\n[OManager: the connection was lost; this is the tail of the output that the server kept]\n';

/** Adds what a host kept of a script's output behind what had arrived before the connection was lost. */
export async function insertTail(
  tx: Tx,
  runId: string,
  { ordinal, attempt }: HostAttempt,
  tail: Uint8Array,
  at: number,
): Promise<void> {
  const data = Buffer.concat([Buffer.from(heading), tail]);
  await appendOutput(tx, runId, { ordinal, attempt }, { stream: 'stdout', data, at });
}
