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

/** Ids from the first to the last, both of them within. */
export interface Stretch {
  first: string;
  last: string;
}

export interface SealedCommands {
  /** In their order; their places follow from their batches. */
  events: LedgerEvent[];
  /** Where nothing else stands but these events; null where something does, or where nothing is known. */
  alone: Stretch | null;
}

/** The events of a block of commands. */
export async function commandEventsOf(on: Knex, batches: readonly BatchRow[]): Promise<SealedCommands> {
  const { rows, alone } = await rowsOf(on, batches);
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
  return { events, alone };
}

interface RowsOfBatches extends Pick<SealedCommands, 'alone'> {
  rows: ReadonlyMap<string, SealedRow[]>;
}

/** Batches of a block follow each other in the primary key: one read, as long as nobody put others between them. */
async function rowsOf(on: Knex, batches: readonly BatchRow[]): Promise<RowsOfBatches> {
  const found = new Map<string, SealedRow[]>(batches.map(({ id }) => [id, []]));
  const ids = [...found.keys()].sort();
  const [first] = ids;
  const lastBatch = ids.at(-1);
  if (first === undefined || lastBatch === undefined) return { rows: found, alone: null };
  const last = lastIdOf(lastBatch);
  const most = batches.reduce((sum, { events }) => sum + events, 0) * 2 + 1000;
  const all: SealedRow[] = await on('command_events').whereBetween('id', [first, last]).orderBy('id').limit(most);
  if (all.length < most) {
    let others = 0;
    for (const row of all) {
      const rows = found.get(batchOf(row.id));
      if (rows) rows.push(row);
      else others++;
    }
    return { rows: found, alone: others === 0 ? { first, last } : null };
  }
  for (const id of ids) found.set(id, await eventsOfBatch(on, id));
  return { rows: found, alone: null };
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
