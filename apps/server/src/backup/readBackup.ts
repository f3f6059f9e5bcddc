import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CommandError } from '../commands/exitCodes.ts';
import { type BackupHeader, type BackupLine, type KeyFileName, parseLine } from './format.ts';

/** One row is at most what the database takes in one statement, a third larger as base64. */
const maxLineBytes = 128 * 1024 * 1024;

const readBytes = 256 * 1024;

export interface BackupSummary {
  header: BackupHeader;
  keyFiles: Map<KeyFileName, string>;
  tables: Map<string, { columns: string[]; rows: number }>;
  sha256: string;
}

/** Reads the whole backup once and keeps what is small of it. Throws CommandError when it is damaged or cut off. */
export async function verifyBackup(path: string, file: FileHandle): Promise<BackupSummary> {
  let header: BackupHeader | undefined;
  let sha256 = '';
  const keyFiles = new Map<KeyFileName, string>();
  const tables: BackupSummary['tables'] = new Map();
  let table: { columns: string[]; rows: number } | undefined;
  for await (const line of readBackup(path, file)) {
    switch (line.kind) {
      case 'header':
        header = line.header;
        break;
      case 'file':
        keyFiles.set(line.name, line.text);
        break;
      case 'table':
        table = { columns: line.columns, rows: 0 };
        tables.set(line.table, table);
        break;
      case 'row':
        if (table) table.rows++;
        break;
      case 'rows':
        break;
      case 'trailer':
        sha256 = line.sha256;
        break;
    }
  }
  if (!header) throw damaged(path, 'it has no header');
  return { header, keyFiles, tables, sha256 };
}

/** The lines of a backup, each in its place. What is wrong shows at the latest at the end, so verify before use. */
export async function* readBackup(path: string, file: FileHandle): AsyncGenerator<BackupLine> {
  const hash = createHash('sha256');
  let state: 'start' | 'between' | 'table' | 'end' = 'start';
  let columns = 0;
  let rows = 0;
  try {
    for await (const bytes of linesOf(file)) {
      if (state === 'end') throw new Error('something follows its end');
      const line = parseLine(bytes.toString('utf8'));
      if (line.kind !== 'trailer') hash.update(bytes).update('\n');
      if ((line.kind === 'header') !== (state === 'start')) throw new Error('the header is not where it belongs');
      if ((line.kind === 'row' || line.kind === 'rows') !== (state === 'table')) throw new Error('a line is misplaced');
      if (line.kind === 'row') {
        if (line.values.length !== columns) throw new Error('a row has the wrong number of columns');
        rows++;
      } else if (line.kind === 'table') {
        state = 'table';
        columns = line.columns.length;
        rows = 0;
      } else if (line.kind === 'rows') {
        if (line.rows !== rows) throw new Error('rows are missing');
        state = 'between';
      } else if (line.kind === 'trailer') {
        if (line.sha256 !== hash.digest('hex')) throw new Error('its checksum does not fit its content');
        state = 'end';
      } else {
        state = 'between';
      }
      yield line;
    }
  } catch (error) {
    throw error instanceof CommandError ? error : damaged(path, reasonOf(error));
  }
  if (state !== 'end') throw damaged(path, 'it is cut off');
}

async function* linesOf(file: FileHandle): AsyncGenerator<Buffer> {
  const source = Readable.from(bytesOf(file));
  const plain = createGunzip();
  source.on('error', (error) => plain.destroy(error));
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const chunks: AsyncIterable<Buffer> = source.pipe(plain);
  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        yield Buffer.concat([...pending, chunk.subarray(from, at)]);
        pending = [];
        pendingBytes = 0;
        from = at + 1;
      }
      pending.push(chunk.subarray(from));
      pendingBytes += chunk.length - from;
      if (pendingBytes > maxLineBytes) throw new Error('a line is too long');
    }
  } finally {
    source.destroy();
  }
  if (pendingBytes > 0) throw new Error('it is cut off');
}

/** From its beginning; the file stays open, to be read again. */
async function* bytesOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(readBytes), 0, readBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return 'it is cut off';
  if (code === 'Z_DATA_ERROR') return 'it is no backup, or it was changed';
  if (error.name === 'ZodError' || error instanceof SyntaxError) return 'a line cannot be read';
  return error.message;
}

function damaged(path: string, why: string): CommandError {
  return new CommandError(`the backup ${path} cannot be used: ${why}. Nothing was changed.`);
}
