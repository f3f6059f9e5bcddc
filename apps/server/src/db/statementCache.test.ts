import knex from 'knex';
import { expect, it } from 'vitest';
import { cacheStatements, type Preparing } from './statementCache.ts';

function open() {
  const prepared: string[] = [];
  const db = knex({
    client: 'better-sqlite3',
    connection: { filename: ':memory:' },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate(connection: Preparing, done: (error: unknown) => void) {
        const prepare = connection.prepare.bind(connection);
        connection.prepare = (sql) => {
          prepared.push(sql);
          return prepare(sql);
        };
        cacheStatements(connection);
        done(null);
      },
    },
  });
  return { db, prepared };
}

it('prepares a statement once, and gives each query its own answer', async () => {
  const { db, prepared } = open();
  await db.schema.createTable('hosts', (t) => void t.integer('id').primary());
  for (let id = 0; id < 20; id++) await db('hosts').insert({ id });
  const found = await Promise.all(Array.from({ length: 20 }, (_, id) => db('hosts').where({ id }).first()));
  expect(found).toEqual(Array.from({ length: 20 }, (_, id) => ({ id })));
  expect(prepared.filter((sql) => sql.startsWith('insert'))).toHaveLength(1);
  expect(prepared.filter((sql) => sql.startsWith('select'))).toHaveLength(1);
  await db.destroy();
});

it('sees columns that came later, and keeps no more statements than its bound', async () => {
  const { db, prepared } = open();
  await db.schema.createTable('hosts', (t) => void t.integer('id').primary());
  await db('hosts').insert({ id: 1 });
  expect(await db('hosts').select('*')).toEqual([{ id: 1 }]);
  await db.schema.alterTable('hosts', (t) => void t.integer('port').defaultTo(22));
  expect(await db('hosts').select('*')).toEqual([{ id: 1, port: 22 }]);
  const first = () => db.raw('select 0 as n');
  await first();
  for (let i = 1; i <= 400; i++) await db.raw(`select ${i} as n`);
  await first();
  expect(prepared.filter((sql) => sql === 'select 0 as n')).toHaveLength(2);
  await db.destroy();
});

it('rolls back and goes on after a failed statement', async () => {
  const { db } = open();
  await db.schema.createTable('hosts', (t) => void t.integer('id').primary());
  const twice = () =>
    db.transaction(async (tx) => [await tx('hosts').insert({ id: 1 }), await tx('hosts').insert({ id: 1 })]);
  await expect(twice()).rejects.toThrow('UNIQUE');
  await expect(twice()).rejects.toThrow('UNIQUE');
  expect(await db('hosts').select('*')).toEqual([]);
  await db.destroy();
});
