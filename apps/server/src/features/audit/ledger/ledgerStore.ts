import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { type Block, hashOf, noBlock } from './block.ts';
import { type ActionRow, actionFields, type EventFields, type EventKind, leafOf, makeSalt } from './leaf.ts';

interface BlockRow {
  number: number | string;
  kind: EventKind;
  previous: Buffer;
  root: Buffer;
  events: number;
  sealed_at: number | string;
  key_id: string;
  signature: Buffer;
}

interface EventRow extends ActionRow {
  salt: Buffer | null;
  leaf: Buffer | null;
  block: number | string | null;
  position: number | null;
}

/** An event as the ledger sees it. */
export interface LedgerEvent {
  id: string;
  position: number | null;
  salt: Buffer | null;
  /** As it was when the event was written. */
  leaf: Buffer | null;
  fields: EventFields;
  /** A command that bears no text any more, and says so. */
  erased?: boolean;
}

const updatesAtOnce = 200;

export async function newestBlock(on: Knex): Promise<Block | undefined> {
  const row: BlockRow | undefined = await on('ledger_blocks').orderBy('number', 'desc').first();
  return row && toBlock(row);
}

export async function blockOf(on: Knex, number: number): Promise<Block | undefined> {
  const row: BlockRow | undefined = await on('ledger_blocks').where({ number }).first();
  return row && toBlock(row);
}

/** Blocks from a number on, oldest first. */
export async function blocksFrom(on: Knex, number: number, limit: number): Promise<Block[]> {
  const rows: BlockRow[] = await on('ledger_blocks').where('number', '>=', number).orderBy('number').limit(limit);
  return rows.map(toBlock);
}

/** The events of a block, in their order. */
export async function eventsOf(on: Knex, block: number): Promise<LedgerEvent[]> {
  const rows: EventRow[] = await on('action_events').where({ block }).orderBy('position');
  return rows.map(toEvent);
}

export async function findEvent(on: Knex, id: string): Promise<(LedgerEvent & { block: number | null }) | undefined> {
  const row: EventRow | undefined = await on('action_events').where({ id }).first();
  return row && { ...toEvent(row), block: row.block === null ? null : Number(row.block) };
}

/** Events that no block holds yet, oldest first. */
export async function unsealedEvents(on: Knex, limit: number): Promise<LedgerEvent[]> {
  const rows: EventRow[] = await on('action_events').whereNull('block').orderBy('id').limit(limit);
  return rows.map(toEvent);
}

export async function countUnsealed(on: Knex): Promise<number> {
  const actions = await on('action_events').whereNull('block').count({ n: '*' }).first();
  const commands = await on('command_batches').whereNull('block').sum({ n: 'events' }).first();
  return Number(actions?.n ?? 0) + Number(commands?.n ?? 0);
}

export async function insertBlock(tx: Tx, block: Block): Promise<void> {
  await tx('ledger_blocks').insert({
    number: block.number,
    kind: block.kind,
    previous: Buffer.from(block.previous),
    root: Buffer.from(block.root),
    events: block.events,
    sealed_at: block.sealedAt,
    key_id: block.keyId,
    signature: Buffer.from(block.signature),
  });
}

/** Puts the events into a block, in this order. */
export async function placeEvents(tx: Tx, block: number, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += updatesAtOnce) {
    const some = ids.slice(at, at + updatesAtOnce);
    const cases = some.map(() => 'when ? then ?').join(' ');
    const position = tx.raw(
      `case id ${cases} end`,
      some.flatMap((id, i) => [id, at + i]),
    );
    await tx('action_events').whereIn('id', some).update({ block, position });
  }
}

/** Gives an event its salt and leaf: one that was written before there was a ledger. */
export async function giveLeaf(tx: Tx, event: LedgerEvent): Promise<Buffer> {
  const salt = makeSalt();
  const leaf = leafOf(salt, event.fields);
  await tx('action_events').where({ id: event.id }).update({ salt, leaf });
  return leaf;
}

/** Hash of the newest block, or that of none. */
export function hashBefore(block: Block | undefined): Uint8Array {
  return block ? hashOf(block) : noBlock;
}

function toBlock(row: BlockRow): Block {
  const { number, kind, previous, root, events, sealed_at, key_id, signature } = row;
  return {
    number: Number(number),
    ...{ kind, previous, root, events, signature },
    sealedAt: Number(sealed_at),
    keyId: key_id,
  };
}

function toEvent(row: EventRow): LedgerEvent {
  const { id, position, salt, leaf } = row;
  return { id, position, salt, leaf, fields: actionFields(row) };
}
