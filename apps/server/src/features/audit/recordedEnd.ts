import type { Knex } from 'knex';
import { z } from 'zod';
import { readDetails } from './details.ts';

const saidSchema = z.object({ sha256: z.string().nullable() });

/** The SHA-256 with which a recorded terminal ended, as the audit has it; undefined when nothing tells of its end. */
export async function recordedEnd(on: Knex, recordingId: string): Promise<string | null | undefined> {
  const act: { details: string } | undefined = await on('action_events')
    .where({ object: `terminal:${recordingId}`, action: 'terminals.ended' })
    .orderBy('id')
    .first('details');
  return act && saidSchema.safeParse(readDetails(act.details)).data?.sha256;
}
