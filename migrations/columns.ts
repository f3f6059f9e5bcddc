import type { Knex } from 'knex';

/**
 * Column kinds that mean the same on SQLite and MySQL: ids and names compare bytes, times are UTC milliseconds.
 * Never change a function here once released: migrations must keep meaning what they meant.
 */
export function table(db: Knex, name: string, define: (t: Knex.CreateTableBuilder) => void): Promise<void> {
  return Promise.resolve(
    db.schema.createTable(name, (t) => {
      if (isMySql(db)) {
        t.engine('InnoDB');
        t.charset('utf8mb4');
        t.collate('utf8mb4_bin');
      }
      define(t);
    }),
  );
}

function isMySql(db: Knex): boolean {
  return db.client.config.client === 'mysql2';
}

/** A UUID as 36 ASCII characters. */
export function id(t: Knex.CreateTableBuilder, name: string): Knex.ColumnBuilder {
  return t.specificType(name, 'char(36)');
}

export function time(t: Knex.CreateTableBuilder, name: string): Knex.ColumnBuilder {
  return t.bigInteger(name);
}

/** JSON as text: the same string goes in and comes out on both databases. */
export function json(t: Knex.CreateTableBuilder, name: string): Knex.ColumnBuilder {
  return t.text(name, 'longtext');
}

export function bytes(t: Knex.CreateTableBuilder, db: Knex, name: string): Knex.ColumnBuilder {
  return t.specificType(name, isMySql(db) ? 'longblob' : 'blob');
}
