import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Tx } from '../../../db/database.ts';
import { addTally, type Tally, tallyBatch } from './activityCounts.ts';

/** Counts batches behind ingestion, which pays nothing for it: what was counted is added where they leave their queue. */
export function countBehind({ knex, kind }: Pick<Database, 'knex' | 'kind'>) {
  return async (batches: readonly string[]): Promise<(tx: Tx) => Promise<void>> => {
    const tally: Tally = new Map();
    for (const batch of batches) {
      await tallyBatch(knex, batch, tally);
      await nextTurn();
    }
    return (tx) => addTally(tx, kind, tally);
  };
}
