import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { lockDataDir } from '../dataLock.ts';
import { openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { loadSealer } from '../features/vault/index.ts';
import { loadServerKey } from '../serverKey.ts';
import { invite } from './invite.ts';
import { rekey } from './rekey.ts';
import type { Terminal } from './surroundings.ts';
import { createToken } from './token.ts';
import { resetUser } from './userReset.ts';

let folder: string;
let said: string[];
let noted: string[];
let terminal: Terminal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-commands-'));
  const env = { OM_DATA_DIR: join(folder, 'data'), OM_PORT: '7443' };
  [said, noted] = [[], []];
  terminal = {
    env,
    signal: new AbortController().signal,
    interactive: false,
    say: (line) => void said.push(line),
    note: (line) => void noted.push(line),
    config: () => readConfig(env),
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

async function withDatabase<T>(work: (db: ReturnType<typeof openDatabase>) => Promise<T>): Promise<T> {
  const db = openDatabase(terminal.config().database);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

async function startedOnce(): Promise<void> {
  const { dataDir, masterKeyFile } = terminal.config();
  await withDatabase(async (db) => {
    await migrate(db);
    await loadSealer({ db, file: masterKeyFile });
    await db.knex('users').insert([
      { id: 'u1', name: 'anna', role: 'operator', password_hash: '', created_at: 1 },
      { id: 'u2', name: 'berta', role: 'admin', password_hash: '', created_at: 1, disabled_at: 2 },
    ]);
  });
  await loadServerKey(dataDir);
}

describe('omserver invite, token create, user reset', () => {
  it('say what to do before the first start', async () => {
    for (const command of [invite(terminal, {}), resetUser(terminal, { user: 'anna' })]) {
      await expect(command).rejects.toThrow('check OM_DATA_DIR');
    }
  });

  it('print the secret alone on standard output', async () => {
    await startedOnce();
    expect(await invite(terminal, { role: 'viewer', minutes: '5' })).toBe(0);
    expect(await createToken(terminal, { user: 'anna', name: 'ci' })).toBe(0);
    expect(await resetUser(terminal, { user: 'berta', revokeDevices: true })).toBe(0);
    expect(said).toEqual([
      expect.stringMatching(/^omanager:\/\/127\.0\.0\.1:7443\/#[\w-]{43}\.[\w-]{43}$/),
      expect.stringMatching(/^omt_[\w-]{43}$/),
      expect.stringMatching(/^omanager:/),
    ]);
    for (const secret of said) expect(noted.join('\n')).not.toContain(secret);
    const { events, berta } = await withDatabase(async ({ knex }) => ({
      events: await knex('action_events').orderBy('id'),
      berta: await knex('users').where({ name: 'berta' }).first(),
    }));
    expect(events.map(({ actor_name, action }) => [actor_name, action])).toEqual([
      ['omserver invite', 'invites.create'],
      ['omserver token', 'tokens.create'],
      ['omserver user reset', 'users.reset'],
    ]);
    expect(berta.disabled_at).toBeNull();
  });

  it('write it to a new private file instead, and never over another', async () => {
    await startedOnce();
    const file = join(folder, 'invite.txt');
    await invite(terminal, { user: 'anna', file });
    expect(said).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const link = readFileSync(file, 'utf8');
    await expect(invite(terminal, { file })).rejects.toThrow('exists already');
    expect(readFileSync(file, 'utf8')).toBe(link);
    expect(await withDatabase(({ knex }) => knex('invites'))).toHaveLength(1);
  });

  it('refuse wrong options by name, and users who do not exist or may not', async () => {
    await startedOnce();
    await expect(invite(terminal, { role: 'god', minutes: '999' })).rejects.toThrow(/role: .*\nminutes: /s);
    await expect(createToken(terminal, { user: 'anna', name: 'ci', role: 'admin' })).rejects.toThrow('more power');
    await expect(createToken(terminal, { user: 'berta', name: 'ci' })).rejects.toThrow('no such active user');
    await expect(resetUser(terminal, { user: 'nobody' })).rejects.toThrow('There is no user nobody');
  });
});

describe('omserver rekey', () => {
  it('replaces the key, unless a server holds the data folder', async () => {
    await startedOnce();
    const before = readFileSync(terminal.config().masterKeyFile, 'utf8');
    const unlock = lockDataDir(terminal.config().dataDir);
    await expect(rekey(terminal)).rejects.toThrow('stop it first');
    unlock();
    expect(readFileSync(terminal.config().masterKeyFile, 'utf8')).toBe(before);
    expect(await rekey(terminal)).toBe(0);
    expect(readFileSync(terminal.config().masterKeyFile, 'utf8')).not.toBe(before);
    expect(said.join()).toContain('Make a new backup');
  });
});
