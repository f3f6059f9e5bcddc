import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { type MasterKeys, newMasterKey, readKeyFile, replaceKeyFile } from './keyFile.ts';
import { type SealedColumn, sealedColumns, sealedKeyIds } from './sealedColumns.ts';
import { createSealer, keyIdOf, type Sealer } from './sealer.ts';

export interface Rekeyed {
  /** The key that seals from now on. */
  keyId: string;
  /** Values sealed anew by this call. */
  resealed: number;
  /** True when this call finished a rekey that had been interrupted. */
  resumed: boolean;
}

const batchSize = 100;

/**
 * Seals everything anew with a new master key and forgets the old one. Nothing else may use the database meanwhile.
 * Killed at any moment, all data still opens, and calling it again finishes: the new key is in the file before the
 * first value is sealed with it, and an old key leaves the file only when no value refers to it.
 */
export async function rekey({
  db,
  file,
  signal,
}: {
  db: Database;
  file: string;
  signal: AbortSignal;
}): Promise<Rekeyed> {
  const before = await readKeyFile(file);
  if (!before) throw new Error(`there is no master key file ${file}`);
  const resumed = before.length > 1;
  const keys: MasterKeys = resumed ? before : [newMasterKey(), ...before];
  if (!resumed) await replaceKeyFile(file, keys);
  const sealer = createSealer(keys);
  let resealed = 0;
  for (const column of sealedColumns) resealed += await resealColumn(db, sealer, column, signal);
  const needed = await sealedKeyIds(db.knex);
  const left = [...needed].filter((id) => id !== keys[0].id);
  if (left.length > 0)
    throw new Error('something else wrote to the database during the rekey; stop it and run rekey again');
  await replaceKeyFile(file, [keys[0]]);
  return { keyId: keys[0].id, resealed, resumed };
}

async function resealColumn(db: Database, sealer: Sealer, column: SealedColumn, signal: AbortSignal): Promise<number> {
  let resealed = 0;
  let after: Row | undefined;
  for (;;) {
    signal.throwIfAborted();
    const last: Row | undefined = after;
    const { rows, changed } = await db.transaction((tx) => resealBatch(tx, sealer, column, last));
    resealed += changed;
    after = rows.at(-1);
    if (rows.length < batchSize) return resealed;
  }
}

type Row = Readonly<Record<string, unknown>>;

async function resealBatch(
  tx: Knex.Transaction,
  sealer: Sealer,
  { table, column, key, also, only = {}, context }: SealedColumn,
  after: Row | undefined,
): Promise<{ rows: Row[]; changed: number }> {
  const query = tx(table)
    .select(...key, ...also, column)
    .whereNotNull(column)
    .where(only)
    .limit(batchSize);
  for (const name of key) query.orderBy(name);
  if (after) query.where((later) => whereLater(later, key, after));
  const rows = z.array(z.record(z.string(), z.unknown())).parse(await query);
  let changed = 0;
  for (const row of rows) {
    const sealed = z.instanceof(Buffer).parse(row[column]);
    if (keyIdOf(sealed) === sealer.keyId) continue;
    const again = sealer.seal(context(row), sealer.open(context(row), sealed));
    const where = Object.fromEntries(key.map((name) => [name, row[name]]));
    changed += await tx(table)
      .where(where)
      .where(column, sealed)
      .update({ [column]: again });
  }
  return { rows, changed };
}

/** Rows whose key comes after that of `row`, for keys of any number of columns. */
function whereLater(query: Knex.QueryBuilder, key: readonly string[], row: Row): void {
  key.forEach((name, i) => {
    query.orWhere((one) => {
      for (const equal of key.slice(0, i)) one.where(equal, String(row[equal]));
      one.where(name, '>', String(row[name]));
    });
  });
}
