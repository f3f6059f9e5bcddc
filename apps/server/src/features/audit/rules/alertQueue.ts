import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';

/** A batch to be looked at, in the transaction that stores it: whatever happens then, it is not forgotten. */
export async function queueBatch(tx: Tx, batch: string): Promise<void> {
  await tx('alert_queue').insert({ batch_id: batch });
}

export async function queuedBatches(on: Knex, limit: number): Promise<string[]> {
  const rows: { batch_id: string }[] = await on('alert_queue').orderBy('batch_id').limit(limit).select('batch_id');
  return rows.map(({ batch_id }) => batch_id);
}

/** False: somebody else has done it. */
export async function unqueueBatch(tx: Tx, batch: string): Promise<boolean> {
  return (await tx('alert_queue').where({ batch_id: batch }).delete()) > 0;
}

/** How many of them were still there. */
export async function unqueueBatches(tx: Tx, batches: readonly string[]): Promise<number> {
  return tx('alert_queue').whereIn('batch_id', batches).delete();
}
