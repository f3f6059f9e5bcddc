import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { freePort } from './ports.ts';
import { idsOf } from './users.ts';
import { waitFor } from './wait.ts';
import { createWorkspace, type LabProcess, readLog } from './workspace.ts';

const run = promisify(execFile);

export interface Mariadb {
  port: number;
  /** Makes an empty database and returns its mysql:// URL, which a kill and restart do not change. */
  createDatabase(): Promise<string>;
  /** Statements as its root, for example SET GLOBAL. */
  asRoot(...statements: string[]): Promise<void>;
  /** SIGKILL, as when the machine loses power as far as the process is concerned. */
  kill9(): Promise<void>;
  /** Starts it again on the same data, after `kill9`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a private MariaDB on a free loopback port, with durable settings and some more. Needs root and mariadb-server. */
export async function startMariadb(...settings: readonly string[]): Promise<Mariadb> {
  // The server runs as the user mysql, which must be able to pass through the folder.
  const workspace = createWorkspace('mariadb', 0o711);
  const data = join(workspace.dir, 'data');
  const runDir = join(workspace.dir, 'run');
  const [uid, gid] = idsOf('mysql');
  // Its own, because a starting server removes every temporary table that it finds in its temporary folder.
  const temporary = join(workspace.dir, 'tmp');
  for (const dir of [data, runDir, temporary]) {
    mkdirSync(dir, { mode: 0o700 });
    chownSync(dir, uid, gid);
  }
  const options = [
    '--no-defaults',
    '--user=mysql',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ];
  await run('mariadb-install-db', options, { env: { ...process.env, TMPDIR: temporary } });
  const port = await freePort();
  const socketPath = join(runDir, 'm.sock');
  const logFile = join(runDir, 'err.log');
  let server: LabProcess | undefined;

  async function start(): Promise<void> {
    const started = workspace.start('mariadbd', [
      '--no-defaults',
      '--user=mysql',
      `--datadir=${data}`,
      `--socket=${socketPath}`,
      `--tmpdir=${temporary}`,
      `--pid-file=${join(runDir, 'm.pid')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_unicode_ci',
      '--innodb-buffer-pool-size=64M',
      '--innodb-log-file-size=16M',
      // What the tests prove must survive kill -9.
      '--innodb-flush-log-at-trx-commit=1',
      '--max-allowed-packet=64M',
      '--max-connections=300',
      '--skip-log-bin',
      '--performance-schema=OFF',
      `--log-error=${logFile}`,
      ...settings,
    ]);
    server = started;
    await waitFor('mariadbd answers', async () => {
      if (!started.running) throw new Error(`mariadbd ended: ${readLog(logFile)}`);
      return asRoot('SELECT 1').then(
        () => true,
        () => false,
      );
    });
  }

  async function asRoot(...statements: string[]): Promise<void> {
    const connection = await mysql.createConnection({ user: 'root', socketPath });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  }

  async function createDatabase(): Promise<string> {
    const name = `lab_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(9).toString('hex');
    await asRoot(
      `CREATE DATABASE ${name}`,
      `CREATE USER '${name}'@'127.0.0.1' IDENTIFIED BY '${password}'`,
      `GRANT ALL ON ${name}.* TO '${name}'@'127.0.0.1'`,
    );
    return `mysql://${name}:${password}@127.0.0.1:${port}/${name}`;
  }

  async function stop(): Promise<void> {
    await server?.stop(20_000);
    workspace.remove();
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, createDatabase, asRoot, kill9: async () => server?.kill9(), restart: start, stop };
}
