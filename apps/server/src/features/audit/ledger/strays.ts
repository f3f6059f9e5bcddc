import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LedgerFinding } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Stretch } from '../commands/sealedCommands.ts';
import type { EventKind } from './leaf.ts';

const most = 20;
const rowsAtOnce = 5000;

interface Sought {
  knex: Knex;
  /** The number after the last block. */
  next: number;
  /** Where nothing stands but commands that were checked with their block. */
  vouched: readonly Stretch[];
  signal: AbortSignal;
}

/**
 * What lists show and no block vouches for: rows that name a block which is not there, or which holds events of the other
 * kind, and commands of no batch. Who writes to the database may have put them there; the server never would.
 */
export async function findStrays({ knex, next, vouched, signal }: Sought): Promise<LedgerFinding[]> {
  return [
    ...(await ofNoBlock(knex, { table: 'action_events', kind: 'action', next })),
    ...(await ofNoBlock(knex, { table: 'command_batches', kind: 'command', next })),
    ...(await ofNoBatch(knex, vouched, signal)),
  ];
}

interface Named {
  id: string;
  block: unknown;
  number: number | string | null;
}

async function ofNoBlock(
  knex: Knex,
  { table, kind, next }: { table: 'action_events' | 'command_batches'; kind: EventKind; next: number },
): Promise<LedgerFinding[]> {
  const rows: Named[] = await knex(table)
    .leftJoin('ledger_blocks', 'ledger_blocks.number', `${table}.block`)
    .whereNotNull(`${table}.block`)
    .where((wrong) => wrong.whereNull('ledger_blocks.number').orWhereNot('ledger_blocks.kind', kind))
    .orderBy(`${table}.block`)
    .limit(most)
    .select(`${table}.id`, `${table}.block`, 'ledger_blocks.number');
  const gone = new Set<number>();
  const found: LedgerFinding[] = [];
  for (const { id, block, number } of rows) {
    // SQLite keeps anything in any column.
    const named = typeof block === 'number' && Number.isSafeInteger(block) ? block : null;
    if (number !== null || named === null || named < 0) found.push({ block: named, event: id, what: 'event_outside' });
    // One that is missing before the last was told of where it is missing.
    else if (named >= next) gone.add(named);
  }
  return [...[...gone].map((block): LedgerFinding => ({ block, what: 'block_gone' })), ...found];
}

/** Looks where nobody vouches: before, between and after the stretches. */
async function ofNoBatch(knex: Knex, vouched: readonly Stretch[], signal: AbortSignal): Promise<LedgerFinding[]> {
  const found: string[] = [];
  let after = '';
  for (const { first, last } of vouched.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    if (found.length >= most) break;
    if (first > after) found.push(...(await ofNoBatchIn(knex, { after, before: first }, signal)));
    if (last > after) after = last;
  }
  if (found.length < most) found.push(...(await ofNoBatchIn(knex, { after }, signal)));
  return found.slice(0, most).map((event) => ({ block: null, event, what: 'event_outside' }));
}

/** Some rows at a time: while SQLite looks through millions, nobody else gets a turn. */
async function ofNoBatchIn(
  knex: Knex,
  { after, before }: { after: string; before?: string },
  signal: AbortSignal,
): Promise<string[]> {
  const batch =
    knex.client.config.client === 'mysql2'
      ? "concat(left(command_events.id, 30), _ascii'000000')"
      : "substr(command_events.id, 1, 30) || '000000'";
  const rows = (from: string) => {
    const all = knex('command_events')
      .where('command_events.id', from === '' ? '>=' : '>', from)
      .orderBy('command_events.id');
    return before === undefined ? all : all.where('command_events.id', '<', before);
  };
  const found: string[] = [];
  for (let from = after; found.length < most; ) {
    signal.throwIfAborted();
    const some: string[] = await rows(from).limit(rowsAtOnce).pluck('command_events.id');
    const last = some.at(-1);
    if (last === undefined) return found;
    found.push(
      ...(await rows(from)
        .where('command_events.id', '<=', last)
        .leftJoin('command_batches', 'command_batches.id', knex.raw(batch))
        .whereNull('command_batches.id')
        .limit(most)
        .pluck('command_events.id')),
    );
    if (some.length < rowsAtOnce) return found;
    from = last;
    await nextTurn();
  }
  return found;
}
