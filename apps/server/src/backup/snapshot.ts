import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Knex } from 'knex';
import { z } from 'zod';
import { CommandError } from '../commands/exitCodes.ts';
import { type DatabaseConfig, openDatabase } from '../db/database.ts';

/** The whole database as it was at one moment, while others go on writing. Rows are streamed, never held. */
export interface Snapshot {
  migrations(): Promise<string[]>;
  /** Names, sorted; without those of the migration tool. */
  tables(): Promise<string[]>;
  columns(table: string): Promise<string[]>;
  /** Each row as the values of its columns, in the order of `columns`. */
  rows(table: string, columns: readonly string[]): AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>;
}

const isOurs = (table: string): boolean => !table.startsWith('knex_migrations') && !table.startsWith('sqlite_');
const nameRows = z.array(z.object({ name: z.string() }));

export function withSnapshot<T>(config: DatabaseConfig, use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return config.kind === 'sqlite' ? withSqlite(config.file, use) : withMysql(config, use);
}

async function withSqlite<T>(file: string, use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  if (!existsSync(file)) throw new CommandError(`there is no database ${file}; check OM_DATA_DIR and OM_DATABASE_URL`);
  const db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    // In WAL mode a reader sees the database as of its first read until it ends, and holds up no writer.
    db.exec('begin');
    const names = (sql: string) => nameRows.parse(db.prepare(sql).all()).map(({ name }) => name);
    return await use({
      migrations: async () => names('select name from knex_migrations order by id'),
      tables: async () => names("select name from sqlite_master where type = 'table' order by name").filter(isOurs),
      columns: async (table) => names(`select name from pragma_table_info(${quoteText(table)})`),
      rows: (table, columns) => sqliteRows(db, `select ${columns.map(quote).join(', ')} from ${quote(table)}`),
    });
  } finally {
    db.close();
  }
}

function* sqliteRows(db: Sqlite.Database, sql: string): Generator<unknown[]> {
  for (const row of db.prepare(sql).raw().iterate()) yield z.array(z.unknown()).parse(row);
}

async function withMysql<T>(config: DatabaseConfig, use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const db = openDatabase(config);
  try {
    return await db.knex.transaction(
      async (tx) => {
        const names = async (query: Knex.Raw) => nameRows.parse((await query)[0]).map(({ name }) => name);
        const found = await names(
          tx.raw(
            "select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' order by table_name",
          ),
        );
        // From the first of these reads on the transaction sees one moment. A table that it has read is not rebuilt
        // meanwhile; of one that was, the moment would be gone.
        for (const table of found) await tx(table).select(tx.raw('1')).first();
        return use({
          migrations: () => names(tx.raw('select name from knex_migrations order by id')),
          tables: async () => found.filter(isOurs),
          columns: (table) =>
            names(
              tx.raw(
                'select column_name as name from information_schema.columns where table_schema = database() and table_name = ? order by ordinal_position',
                [table],
              ),
            ),
          rows: (table, columns) => mysqlRows(tx, table, columns),
        });
      },
      { isolationLevel: 'repeatable read' },
    );
  } finally {
    await db.close();
  }
}

async function* mysqlRows(tx: Knex.Transaction, table: string, columns: readonly string[]): AsyncGenerator<unknown[]> {
  const rows: AsyncIterable<Record<string, unknown>> = tx(table).select(columns).stream({ highWaterMark: 64 });
  for await (const row of rows) yield columns.map((column) => row[column]);
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
