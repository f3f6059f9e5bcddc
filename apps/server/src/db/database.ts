import { dirname } from 'node:path';
import knex, { type Knex } from 'knex';
import { makeFolder } from '../files.ts';
import { cacheStatements, type Preparing } from './statementCache.ts';

export type Tx = Knex.Transaction;

/** The store. Reads may use `knex`; every change goes through `transaction`. */
export interface Database {
  readonly kind: 'sqlite' | 'mysql';
  /** To open it once more, in a thread. */
  readonly config: DatabaseConfig;
  readonly knex: Knex;
  /** One short READ COMMITTED transaction, retried when the database ended it for a deadlock; `work` may run again. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The database's clock in UTC milliseconds: leases are compared by no other. */
  now(on: Knex): Promise<number>;
  close(): Promise<void>;
}

export type DatabaseConfig = { kind: 'sqlite'; file: string } | { kind: 'mysql'; url: string; verifyTls: boolean };

const deadlockRetries = 20;
/** Errors name the statement with ? in it, never with its values, which may be secrets. */
const compileSqlOnError = false;
/** What goes wrong is thrown as well; knex would print it to standard output besides. */
const log = { warn() {}, error() {}, deprecate() {}, debug() {} };

export function openDatabase(config: DatabaseConfig): Database {
  const db = config.kind === 'sqlite' ? openSqlite(config.file) : openMysql(config.url, config.verifyTls);
  return {
    kind: config.kind,
    config,
    knex: db,
    async transaction(work) {
      for (let tried = 0; ; tried++) {
        try {
          return await db.transaction(work);
        } catch (error) {
          if (tried >= deadlockRetries || !isDeadlock(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * (tried + 1)));
        }
      }
    },
    async now(on) {
      if (config.kind === 'sqlite') return Date.now();
      const [rows] = await on.raw('select cast(unix_timestamp(now(3)) * 1000 as unsigned) as now');
      return Number(rows[0].now);
    },
    close: () => db.destroy(),
  };
}

function openSqlite(file: string): Knex {
  makeFolder(dirname(file));
  return knex({
    client: 'better-sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    compileSqlOnError,
    log,
    pool: {
      min: 1,
      max: 1,
      acquireTimeoutMillis: 60_000,
      afterCreate(connection: Preparing & { pragma(text: string): unknown }, done: (error: unknown) => void) {
        connection.pragma('auto_vacuum = INCREMENTAL');
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = FULL');
        connection.pragma('foreign_keys = ON');
        connection.pragma('busy_timeout = 5000');
        cacheStatements(connection);
        done(null);
      },
    },
  });
}

function openMysql(url: string, verifyTls: boolean): Knex {
  const { hostname, port, username, password, pathname } = new URL(url);
  return knex({
    client: 'mysql2',
    compileSqlOnError,
    log,
    connection: {
      host: decodeURIComponent(hostname),
      port: port ? Number(port) : 3306,
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      timezone: 'Z',
      charset: 'utf8mb4',
      // LOAD DATA LOCAL would let a forged server read our files.
      flags: ['-LOCAL_FILES'],
      multipleStatements: false,
      ...(verifyTls ? { ssl: { rejectUnauthorized: true } } : {}),
    },
    pool: { min: 0, max: 10, acquireTimeoutMillis: 30_000, afterCreate: prepareSession },
  });
}

interface MysqlConnection {
  query(sql: string, done: (error: unknown) => void): void;
}

/**
 * A process that stops in the middle of a transaction (frozen, or its machine gone without a word) must not hold its
 * locks for hours: MariaDB ends it after ten seconds, MySQL, which knows only idle connections, after a minute. The
 * pool itself drops what was idle for half of that.
 */
function prepareSession(
  connection: MysqlConnection,
  done: (error: unknown, connection: MysqlConnection) => void,
): void {
  connection.query('set session innodb_lock_wait_timeout = 5, session wait_timeout = 60', (error) => {
    if (error) return done(error, connection);
    // Here, because said for each transaction it is one more journey to the database.
    connection.query('set session transaction isolation level read committed', (failed) => {
      if (failed) return done(failed, connection);
      // MySQL has no such setting, and says so.
      connection.query('set session idle_transaction_timeout = 10', () => done(null, connection));
    });
  });
}

/** SQLITE_BUSY_SNAPSHOT: another process wrote between what this transaction read and what it writes. */
const deadlocks: ReadonlySet<string | undefined> = new Set([
  ...['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'],
]);

const isDeadlock = (error: unknown): boolean => deadlocks.has(codeOf(error));

const unreachable: ReadonlySet<string | undefined> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'],
  ...['PROTOCOL_CONNECTION_LOST', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR'],
]);

/** True when the database did not answer at all: it may be back in a moment. */
export function isUnreachable(error: unknown): boolean {
  return unreachable.has(codeOf(error)) || (error instanceof Error && error.name === 'KnexTimeoutError');
}

/** True when an insert hit a unique key, on either database. */
export function isDuplicate(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** True when a row is still referred to, or refers to nothing, on either database. */
export function isReference(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || code === 'ER_ROW_IS_REFERENCED_2' || code === 'ER_NO_REFERENCED_ROW_2'
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
