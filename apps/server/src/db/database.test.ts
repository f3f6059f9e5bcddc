import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';

let folder: string;
let open: Database[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-database-'));
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((db) => db.close()));
  rmSync(folder, { recursive: true });
});

function openAgain(): Database {
  const db = openDatabase({ kind: 'sqlite', file: join(folder, 'om.db') });
  open.push(db);
  return db;
}

it('a transaction that another process overtook between its reading and its writing runs again', async () => {
  const [server, command] = [openAgain(), openAgain()];
  await server.knex.schema.createTable('counts', (table) => table.integer('count'));
  await server.knex('counts').insert({ count: 1 });
  let tried = 0;
  await command.transaction(async (tx) => {
    tried++;
    const row = await tx('counts').first();
    if (tried === 1) await server.knex('counts').update({ count: 10 });
    await tx('counts').update({ count: row.count + 1 });
  });
  expect(tried).toBe(2);
  expect(await server.knex('counts').first()).toEqual({ count: 11 });
});
