import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { timeOf } from '../eventFilter.ts';
import { lastIdOf } from './batchId.ts';
import { monthOf } from './months.ts';

const batchesInBlock = 500;
const eventsInBlock = 8000;

export interface Unsealed {
  batches: string[];
  leaves: Buffer[];
}

export async function hasUnsealedCommands(on: Knex): Promise<boolean> {
  return (await on('command_batches').whereNull('block').first('id')) !== undefined;
}

/** The oldest batches that no block holds, of one month, as many as a block takes; and the leaves of their events. */
export async function unsealedCommands(on: Knex): Promise<Unsealed> {
  const rows: { id: string; events: number }[] = await on('command_batches')
    .whereNull('block')
    .orderBy('id')
    .limit(batchesInBlock)
    .select('id', 'events');
  const [first] = rows;
  const batches: string[] = [];
  const leaves: Buffer[] = [];
  if (!first) return { batches, leaves };
  const month = monthOf(timeOf(first.id)).name;
  for (const { id, events } of rows) {
    // A month is removed as a whole, and so are blocks.
    if (monthOf(timeOf(id)).name !== month) break;
    if (batches.length > 0 && leaves.length + events > eventsInBlock) break;
    const found: { leaf: Buffer }[] = await on('command_events')
      .whereBetween('id', [id, lastIdOf(id)])
      .orderBy('id')
      .select('leaf');
    batches.push(id);
    for (const { leaf } of found) leaves.push(leaf);
  }
  return { batches, leaves };
}

/** Puts the batches into a block, in this order. */
export async function placeBatches(tx: Tx, block: number, batches: readonly string[]): Promise<void> {
  for (let at = 0; at < batches.length; at += updatesAtOnce) {
    const some = batches.slice(at, at + updatesAtOnce);
    const place = tx.raw(
      `case id ${some.map(() => 'when ? then ?').join(' ')} end`,
      some.flatMap((id, i) => [id, at + i]),
    );
    await tx('command_batches').whereIn('id', some).update({ block, place });
  }
}

const updatesAtOnce = 200;
