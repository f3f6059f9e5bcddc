import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { incremental, notIncremental, vacuumMend } from '../../db/reclaim.ts';
import { checkCheckpoints } from './checkpoints.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { checkMysql } from './mysql.ts';
import { checkRestored } from './restored.ts';
import { checkSealed } from './sealed.ts';

/** A file larger than this is not read through. */
const quickCheckBytes = 512 * 1024 * 1024;

export async function checkDatabase(config: Config): Promise<Finding[]> {
  const { database } = config;
  if (database.kind === 'sqlite' && !existsSync(database.file)) {
    const mend = 'the first start makes it; else correct OM_DATA_DIR or OM_DATABASE_URL';
    return [warning('database', `${database.file} does not exist yet`, mend)];
  }
  const db = openDatabase(database);
  try {
    await db.knex.raw('select 1');
  } catch (error) {
    await db.close();
    const why = error instanceof Error ? error.message : String(error);
    return [problem('database', `it cannot be reached: ${why}`, 'start it, or correct OM_DATABASE_URL')];
  }
  try {
    const findings = database.kind === 'sqlite' ? await checkSqlite(db, database.file) : await checkMysql(db);
    const schema = await checkSchema(db);
    findings.push(schema);
    if (schema.level === 'ok')
      for (const check of [checkSealed, checkRestored, checkCheckpoints]) findings.push(...(await check(db, config)));
    return findings;
  } finally {
    await db.close();
  }
}

async function checkSchema(db: Database): Promise<Finding> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return ok('schema', 'up to date');
  return warning(
    'schema',
    `${pending.length} migrations wait: ${pending.join(', ')}`,
    'omserver migrate, or start the server',
  );
}

async function checkSqlite(db: Database, file: string): Promise<Finding[]> {
  const pragma = async (name: string) => {
    const [row] = z.array(z.record(z.string(), z.unknown())).parse(await db.knex.raw(`pragma ${name}`));
    return String(Object.values(row ?? {})[0]);
  };
  const findings: Finding[] = [];
  const mode = await pragma('journal_mode');
  const synchronous = await pragma('synchronous');
  if (mode !== 'wal' || synchronous !== '2') {
    const message = `SQLite runs with journal_mode ${mode} and synchronous ${synchronous}, not WAL and FULL`;
    findings.push(problem('database', message, 'move the data folder to a local disk (not NFS or SMB)'));
  } else findings.push(ok('database', 'SQLite, WAL, every commit on disk before it is acknowledged'));
  if (Number(await pragma('auto_vacuum')) !== incremental) findings.push(warning('space', notIncremental, vacuumMend));
  if (statSync(file).size > quickCheckBytes) {
    findings.push(
      ok('integrity', `${file} is large; look it through yourself: sqlite3 -readonly FILE 'pragma quick_check'`),
    );
  } else {
    const answer = await pragma('quick_check(1)');
    const mend = 'stop the server, keep a copy of the file, and restore the newest backup';
    findings.push(answer === 'ok' ? ok('integrity', 'SQLite finds no damage') : problem('integrity', answer, mend));
  }
  return findings;
}
