import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../commands/exitCodes.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { parseLine, rowLine } from './format.ts';
import { loadBackup, unknownMigrations } from './loadBackup.ts';
import { type BackupSummary, verifyBackup } from './readBackup.ts';
import { withSnapshot } from './snapshot.ts';
import { writeBackup } from './writeBackup.ts';

const header = { omserverBackup: 1, version: '0', database: 'sqlite', settings: { OM_PORT: '1' } } as const;
const keyFiles = [{ name: 'server.key', text: 'the server key\n' }] as const;
const never = new AbortController().signal;

describe('backup', () => {
  let folder: string;
  let db: Database;
  let path: string;
  const source = () => ({ kind: 'sqlite', file: join(folder, 'source.db') }) as const;

  const write = (to: string, check = async () => {}) =>
    withSnapshot(source(), (snapshot) => writeBackup(to, { header, keyFiles, snapshot, check }, never));
  const verify = async (file: string): Promise<BackupSummary> => {
    await using scope = new AsyncDisposableStack();
    const handle = await open(file, 'r');
    scope.defer(() => handle.close());
    return await verifyBackup(file, handle);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'om-backup-'));
    path = join(folder, 'first.backup');
    db = openDatabase(source());
    await migrate(db);
    for (let i = 0; i < 1200; i++) {
      const name = `用户 ${i} "quoted"\n`;
      await db.knex('users').insert({
        id: `user-${i}`,
        name,
        role: 'admin',
        password_hash: '',
        created_at: i,
        totp_sealed: i % 2 ? Buffer.of(0, 10, 255, i % 256) : null,
      });
    }
    await write(path);
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true });
  });

  it('is a private file, and never replaces one', async () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(write(path)).rejects.toThrow(`${path} exists already`);
  });

  it('leaves nothing behind when the last check fails', async () => {
    const other = join(folder, 'unfinished.backup');
    await expect(write(other, async () => Promise.reject(new Error('rekeyed')))).rejects.toThrow('rekeyed');
    expect(statSync(other, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('brings back every value as it was', async () => {
    const target = openDatabase({ kind: 'sqlite', file: join(folder, 'target.db') });
    const file = await open(path, 'r');
    try {
      const summary = await verifyBackup(path, file);
      expect(summary.keyFiles.get('server.key')).toBe('the server key\n');
      expect(summary.tables.get('users')?.rows).toBe(1200);
      await loadBackup({ path, file, summary, db: target, settle: async () => {} });
      expect(await target.knex('users').orderBy('id')).toEqual(await db.knex('users').orderBy('id'));
      expect(await target.knex('access_epoch')).toEqual(await db.knex('access_epoch'));
    } finally {
      await file.close();
      await target.close();
    }
  });

  it('loads all or nothing', async () => {
    const target = openDatabase({ kind: 'sqlite', file: join(folder, 'half.db') });
    const file = await open(path, 'r');
    try {
      const summary = await verifyBackup(path, file);
      const settle = async () => Promise.reject(new Error('not settled'));
      await expect(loadBackup({ path, file, summary, db: target, settle })).rejects.toThrow('not settled');
      expect(await target.knex('users').first()).toBeUndefined();
      await loadBackup({ path, file, summary, db: target, settle: async () => {} });
      expect(await target.knex('users').count({ n: '*' })).toEqual([{ n: 1200 }]);
    } finally {
      await file.close();
      await target.close();
    }
  });

  it('is refused by name when it was cut anywhere', async () => {
    const whole = readFileSync(path);
    const cut = join(folder, 'cut.backup');
    for (let length = 0; length < whole.length; length += 1 + Math.floor(whole.length / 200)) {
      writeFileSync(cut, whole.subarray(0, length));
      const refused = await verify(cut).catch((error) => error);
      expect(refused).toBeInstanceOf(CommandError);
      expect(refused.message).toContain(`the backup ${cut} cannot be used`);
    }
  });

  it('is refused, or unharmed, when a bit was flipped anywhere', async () => {
    const whole = readFileSync(path);
    const good = await verify(path);
    const flipped = join(folder, 'flipped.backup');
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const bytes = Buffer.from(whole);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        writeFileSync(flipped, bytes);
        const result = await verify(flipped).catch((error) => error);
        if (result instanceof CommandError) refused++;
        // gzip's header and the padding behind its last block hold bits that change nothing.
        else expect(result).toEqual(good);
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  it('is refused when lines were changed, removed or moved and packed again', async () => {
    const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
    const forged = join(folder, 'forged.backup');
    const tries: string[][] = [
      lines.slice(0, -1),
      lines.slice(1),
      [...lines, lines.at(-1) ?? ''],
      lines.toSpliced(40, 1),
      lines.toSpliced(2, 0, '[1]'),
      lines.with(1, lines[1]?.replace('server key', 'other key') ?? ''),
      ['{}'],
      [],
    ];
    for (const some of tries) {
      writeFileSync(forged, gzipSync(some.map((one) => `${one}\n`).join('')));
      await expect(verify(forged)).rejects.toThrow('cannot be used');
    }
    writeFileSync(forged, 'no gzip at all');
    await expect(verify(forged)).rejects.toThrow('it is no backup, or it was changed');
  });

  it('knows a backup of a newer schema', async () => {
    const { header: read } = await verify(path);
    expect(await unknownMigrations(read.migrations)).toEqual([]);
    expect(await unknownMigrations([...read.migrations, '20991231000000_future'])).toEqual(['20991231000000_future']);
  });

  it('carries any value through a line', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.maxSafeInteger(),
      fc.constant(null),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const line = rowLine(values);
        expect(line).not.toContain('\n');
        expect(parseLine(line)).toEqual({ kind: 'row', values });
      }),
    );
    expect(() => rowLine([2 ** 60])).toThrow('without loss');
  });
});
