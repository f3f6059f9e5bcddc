import { createHash } from 'node:crypto';
import { link, open, stat, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CommandError } from '../commands/exitCodes.ts';
import { type BackupHeader, type KeyFileName, rowLine } from './format.ts';
import type { Snapshot } from './snapshot.ts';

export interface BackupContent {
  header: Omit<BackupHeader, 'migrations' | 'at'>;
  keyFiles: readonly { name: KeyFileName; text: string }[];
  snapshot: Snapshot;
  /** Asked when all is written; throws when the file would be of no use. */
  check(): Promise<void>;
}

export interface BackupWritten {
  tables: number;
  rows: number;
  /** Of the file, in bytes. */
  size: number;
}

/** Text collected before it is handed on: one large piece costs less than thousands of lines. */
const pieceChars = 64 * 1024;

/** Writes a backup to a new 0600 file: whole and on disk, or not there at all. */
export async function writeBackup(path: string, content: BackupContent, signal: AbortSignal): Promise<BackupWritten> {
  const taken = new CommandError(`${path} exists already; a backup never overwrites a file`);
  if (await exists(path)) throw taken;
  const temporary = `${path}.${process.pid}.new`;
  const counts = { tables: 0, rows: 0 };
  const file = await open(temporary, 'wx', 0o600);
  try {
    const out = file.createWriteStream({ flush: true });
    await pipeline(Readable.from(pieces(content, counts)), createGzip({ level: 1 }), out, { signal });
    await content.check();
    const { size } = await stat(temporary);
    await link(temporary, path).catch((error) => {
      throw error.code === 'EEXIST' ? taken : error;
    });
    return { ...counts, size };
  } finally {
    await file.close().catch(() => undefined);
    await unlink(temporary);
  }
}

async function* pieces(content: BackupContent, counts: { tables: number; rows: number }): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let piece = '';
  for await (const line of lines(content, counts)) {
    piece += `${line}\n`;
    if (piece.length < pieceChars) continue;
    hash.update(piece);
    yield piece;
    piece = '';
  }
  hash.update(piece);
  yield `${piece}${JSON.stringify({ sha256: hash.digest('hex') })}\n`;
}

async function* lines(
  { header, keyFiles, snapshot }: BackupContent,
  counts: { tables: number; rows: number },
): AsyncGenerator<string> {
  const migrations = await snapshot.migrations();
  const full: BackupHeader = { ...header, at: new Date().toISOString(), migrations };
  yield JSON.stringify(full);
  for (const { name, text } of keyFiles) yield JSON.stringify({ file: name, text });
  for (const table of await snapshot.tables()) {
    const columns = await snapshot.columns(table);
    yield JSON.stringify({ table, columns });
    let rows = 0;
    for await (const values of snapshot.rows(table, columns)) {
      yield rowLine(values);
      rows++;
    }
    yield JSON.stringify({ rows });
    counts.tables++;
    counts.rows += rows;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
