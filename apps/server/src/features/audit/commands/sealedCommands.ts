import type { Knex } from 'knex';
import { z } from 'zod';
import { readDetails } from '../details.ts';
import type { LedgerEvent } from '../ledger/ledgerStore.ts';
import { batchOf, lastIdOf, placeOf } from './batchId.ts';
import { commandFields, isErased, type SealedRow } from './commandEvent.ts';
import { removedAction } from './commandRetention.ts';
import { eventsOfBatch } from './commandStore.ts';
import { idsOf, parseMonth } from './months.ts';

interface BatchRow {
  id: string;
  events: number;
}

export function batchesOf(on: Knex, block: number): Promise<BatchRow[]> {
  return Promise.resolve(on('command_batches').where({ block }).orderBy('place').select('id', 'events'));
}

/** The events of a block of commands, in their order; their places follow from their batches. */
export async function commandEventsOf(on: Knex, batches: readonly BatchRow[]): Promise<LedgerEvent[]> {
  const rows = await rowsOf(on, batches);
  const events: LedgerEvent[] = [];
  let begin = 0;
  for (const { id, events: count } of batches) {
    for (const row of rows.get(id) ?? [])
      events.push({
        ...{ id: row.id, position: begin + placeOf(row.id), salt: row.salt, leaf: row.leaf },
        ...{ fields: commandFields(row), erased: isErased(row) },
      });
    begin += count;
  }
  return events;
}

/** Batches of a block follow each other in the primary key: one read, as long as nobody put others between them. */
async function rowsOf(on: Knex, batches: readonly BatchRow[]): Promise<Map<string, SealedRow[]>> {
  const found = new Map<string, SealedRow[]>(batches.map(({ id }) => [id, []]));
  const ids = [...found.keys()].sort();
  const [first] = ids;
  const last = ids.at(-1);
  if (first === undefined || last === undefined) return found;
  const most = batches.reduce((sum, { events }) => sum + events, 0) * 2 + 1000;
  const rows: SealedRow[] = await on('command_events')
    .whereBetween('id', [first, lastIdOf(last)])
    .orderBy('id')
    .limit(most);
  if (rows.length < most) {
    for (const row of rows) found.get(batchOf(row.id))?.push(row);
    return found;
  }
  for (const id of ids) found.set(id, await eventsOfBatch(on, id));
  return found;
}

/** A command event with its block and its place there. */
export async function findSealedCommand(
  on: Knex,
  id: string,
): Promise<(LedgerEvent & { block: number | null; row: SealedRow }) | undefined> {
  const row: SealedRow | undefined = await on('command_events').where({ id }).first();
  if (!row) return undefined;
  const batch: { block: number | string | null; place: number } | undefined = await on('command_batches')
    .where({ id: batchOf(id) })
    .first('block', 'place');
  const block = batch?.block ?? null;
  const event = { id, salt: row.salt, leaf: row.leaf, fields: commandFields(row), erased: isErased(row), row };
  if (!batch || block === null) return { ...event, position: null, block: null };
  const before = await on('command_batches')
    .where({ block })
    .where('place', '<', batch.place)
    .sum({ n: 'events' })
    .first();
  return { ...event, position: Number(before?.n ?? 0) + placeOf(id), block: Number(block) };
}

/** A month that was removed, as its event says. */
export interface Removal {
  from: string;
  before: string;
  fromBlock: number;
  toBlock: number;
  events: number;
}

const detailsSchema = z.object({ events: z.int(), fromBlock: z.int(), toBlock: z.int() });

/** Of each month the first event that tells of it: after a crash there may be a second one. */
export async function removals(on: Knex): Promise<Removal[]> {
  const rows: { object: string; details: string }[] = await on('action_events')
    .where({ action: removedAction, outcome: 'done' })
    .orderBy('id', 'desc')
    .select('object', 'details');
  const byMonth = new Map<string, Removal>();
  for (const { object, details } of rows) {
    const month = parseMonth(object ?? '');
    const said = detailsSchema.safeParse(readDetails(details));
    if (month && said.success) byMonth.set(object, { ...idsOf(month), ...said.data });
  }
  return [...byMonth.values()];
}
