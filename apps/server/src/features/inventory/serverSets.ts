import { OmError, type ParamsOf, parseSelector, type ServerSet } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { iso } from '../../db/page.ts';
import { lock } from './sql.ts';

interface SetRow {
  name: string;
  selector: string;
  saved_by: string;
  saved_at: number;
}

/** So many there are at most: they are always read whole. */
const mostSets = 500;

/** Servers that are kept under a name. */
export async function listServerSets(on: Knex): Promise<{ items: ServerSet[] }> {
  const rows: SetRow[] = await on('server_sets').select('*').orderBy('name');
  return { items: rows.map(toSet) };
}

/** Only what is a selector is kept; one of the same name is replaced, and given as `before`. */
export async function saveServerSet(
  tx: Tx,
  { name, selector }: ParamsOf<'serverSets.save'>,
  { by, at }: { by: string; at: number },
): Promise<{ before: ServerSet | null; after: ServerSet }> {
  parseSelector(selector);
  await lock(tx, 'inventory');
  const row: SetRow = { name, selector, saved_by: by, saved_at: at };
  const replaced: SetRow | undefined = await tx('server_sets').where({ name }).first();
  if (replaced) {
    await tx('server_sets').where({ name }).update(row);
    return { before: toSet(replaced), after: toSet(row) };
  }
  const [count]: { n: number | string }[] = await tx('server_sets').count({ n: '*' });
  if (Number(count?.n) >= mostSets)
    throw new OmError('TOO_LARGE', `There are ${mostSets} server sets already; remove one first.`);
  await tx('server_sets').insert(row);
  return { before: null, after: toSet(row) };
}

export async function removeServerSet(tx: Tx, name: string): Promise<void> {
  const removed = await tx('server_sets').where({ name }).delete();
  if (removed === 0) throw new OmError('NOT_FOUND', `There is no server set ${name}; see om sets list.`);
}

function toSet({ name, selector, saved_by, saved_at }: SetRow): ServerSet {
  return { name, selector, savedBy: saved_by, savedAt: iso(Number(saved_at)) };
}
