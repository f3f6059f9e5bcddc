import { createHash, randomBytes } from 'node:crypto';
import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFile } from '../../files.ts';
import type { MasterKey } from './sealer.ts';

/**
 * The master keys as text, one a line: `om-key-1 <id, 16 hex digits> <base64 of 32 bytes>`. The first seals, all open.
 * The id comes from the key, so that a damaged line is noticed before anything is sealed with it.
 */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

const format = 'om-key-1';

export function newMasterKey(): MasterKey {
  const key = randomBytes(32);
  return { id: idOf(key), key };
}

/** Null when there is no such file. Throws, with what to do, when it is damaged or others may read it. */
export async function readKeyFile(path: string): Promise<MasterKeys | null> {
  const text = await readPrivate(path);
  if (text === null) return null;
  const keys = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => parseLine(line, `${path} line ${i + 1}`));
  const [first, ...rest] = keys;
  if (!first) throw new Error(`the master key file ${path} is empty; restore it from the backup`);
  return [first, ...rest];
}

/** Makes the file with a first key; false when it exists already. */
export function createKeyFile(path: string): Promise<boolean> {
  return createFile(path, textOf([newMasterKey()]));
}

/** Replaces the file: after a crash at any moment it is the old one or the new one, whole. */
export async function replaceKeyFile(path: string, keys: MasterKeys): Promise<void> {
  const { uid, gid } = await stat(path);
  // One name, so that what a killed rekey left behind is cleared away by the next.
  const temporary = `${path}.rekey`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      await file.writeFile(textOf(keys));
      await file.sync();
    } finally {
      await file.close();
    }
    // root may rekey for the server's own user, who must be able to read it afterwards.
    if (process.getuid?.() === 0) await chown(temporary, uid, gid);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readPrivate(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && mode & 0o077) {
      throw new Error(`the master key file ${path} can be read by others; run: chmod 600 ${path}`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function parseLine(line: string, where: string): MasterKey {
  const [, id, text] = /^om-key-1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{43}=)$/.exec(line.trim()) ?? [];
  const key = Buffer.from(text ?? '', 'base64');
  if (key.length !== 32 || id !== idOf(key)) {
    throw new Error(`the master key file is damaged (${where}); restore it from the backup`);
  }
  return { id, key };
}

function idOf(key: Uint8Array): string {
  return createHash('sha256').update('omanager master key id').update(key).digest('hex').slice(0, 16);
}

function textOf(keys: MasterKeys): string {
  return keys.map(({ id, key }) => `${format} ${id} ${Buffer.from(key).toString('base64')}\n`).join('');
}
