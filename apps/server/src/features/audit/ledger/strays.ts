import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LedgerFinding } from '@omanager/contract';
import type { Knex } from 'knex';
import type { EventKind } from './leaf.ts';

const most = 20;
const rowsAtOnce = 5000;

/**
 * What lists show and no block vouches for: rows that name a block which is not there, or which holds events of the other
 * kind, and commands of no batch. Who writes to the database may have put them there; the server never would.
 * `next` is the number after the last block.
 */
export async function findStrays(knex: Knex, next: number, signal: AbortSignal): Promise<LedgerFinding[]> {
  return [
    ...(await ofNoBlock(knex, { table: 'action_events', kind: 'action', next })),
    ...(await ofNoBlock(knex, { table: 'command_batches', kind: 'command', next })),
    ...(await ofNoBatch(knex, signal)),
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

/** Some rows at a time: while SQLite looks through millions, nobody else gets a turn. */
async function ofNoBatch(knex: Knex, signal: AbortSignal): Promise<LedgerFinding[]> {
  const batch =
    knex.client.config.client === 'mysql2'
      ? "concat(left(command_events.id, 30), _ascii'000000')"
      : "substr(command_events.id, 1, 30) || '000000'";
  const found: string[] = [];
  for (let after: string | undefined = ''; after !== undefined && found.length < most; ) {
    signal.throwIfAborted();
    const last: { id: string } | undefined = await knex('command_events')
      .where('id', '>', after)
      .orderBy('id')
      .offset(rowsAtOnce)
      .first('id');
    const some = knex('command_events')
      .leftJoin('command_batches', 'command_batches.id', knex.raw(batch))
      .where('command_events.id', '>', after)
      .whereNull('command_batches.id')
      .limit(most);
    if (last) some.where('command_events.id', '<=', last.id);
    found.push(...(await some.pluck('command_events.id')));
    after = last?.id;
    await nextTurn();
  }
  return found.slice(0, most).map((event) => ({ block: null, event, what: 'event_outside' }));
}
