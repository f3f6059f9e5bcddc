import type { HostRun } from '@omanager/contract';
import type { Knex } from 'knex';
import { type HostRunRow, toHostRun } from '../rows.ts';

/** A place in the order in which hosts changed. */
export interface ChangePlace {
  revision: number;
  ordinal: number;
}

export interface ChangedHosts {
  hosts: HostRun[];
  /** Where the next page begins; null when this was the last. */
  next: ChangePlace | null;
}

/** A page of the hosts whose last change came after a place and not after the revision `upTo`, oldest change first. */
export async function changedHosts(
  on: Knex,
  runId: string,
  { after, upTo, limit }: { after: ChangePlace; upTo: number; limit: number },
): Promise<ChangedHosts> {
  const rows: HostRunRow[] = await on('run_hosts')
    .where({ run_id: runId })
    .whereBetween('revision', [after.revision, upTo])
    .andWhere((either) => either.where('revision', '>', after.revision).orWhere('ordinal', '>', after.ordinal))
    .orderBy([{ column: 'revision' }, { column: 'ordinal' }])
    .limit(limit);
  const last = rows.at(-1);
  const next = rows.length === limit && last ? { revision: last.revision, ordinal: last.ordinal } : null;
  return { hosts: rows.map(toHostRun), next };
}
