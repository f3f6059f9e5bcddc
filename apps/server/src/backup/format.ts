import { z } from 'zod';

/**
 * A backup is gzip over lines of JSON, the same for SQLite and MySQL, so that either can be restored into the other:
 *
 *     {"omserverBackup":1,"version":…,"at":…,"database":…,"migrations":[…],"settings":{…}}
 *     {"file":"server.key","text":…}                    key files, unless left out
 *     {"table":"users","columns":["id","name",…]}       one for each table, followed by
 *     ["0198…","ada",null,{"b":"<base64>"}]             its rows, bytes as base64, and
 *     {"rows":1}                                        their number
 *     {"sha256":"<hex>"}                                of all bytes before this line
 */
export const headerSchema = z.object({
  omserverBackup: z.literal(1),
  version: z.string(),
  /** When the snapshot was taken. */
  at: z.iso.datetime(),
  database: z.enum(['sqlite', 'mysql']),
  /** The schema: names of the migrations that had been applied, in order. */
  migrations: z.array(z.string()),
  /** The settings of that server, of secrets only that they were set; for the reader, nothing is restored from them. */
  settings: z.record(z.string(), z.string()),
});
export type BackupHeader = z.infer<typeof headerSchema>;

export const keyFileNames = ['server.key', 'master.key'] as const;
export type KeyFileName = (typeof keyFileNames)[number];

const fileSchema = z.object({ file: z.enum(keyFileNames), text: z.string() });
const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
const rowsSchema = z.object({ rows: z.int().min(0) });
const trailerSchema = z.object({ sha256: z.string() });

export type Value = string | number | null | Buffer;

export type BackupLine =
  | { kind: 'header'; header: BackupHeader }
  | { kind: 'file'; name: KeyFileName; text: string }
  | { kind: 'table'; table: string; columns: string[] }
  | { kind: 'row'; values: Value[] }
  | { kind: 'rows'; rows: number }
  | { kind: 'trailer'; sha256: string };

export function parseLine(text: string): BackupLine {
  const json: unknown = JSON.parse(text);
  if (Array.isArray(json)) return { kind: 'row', values: json.map(decodeValue) };
  if (typeof json !== 'object' || json === null) throw new Error('a line is neither a row nor an object');
  if ('omserverBackup' in json) return { kind: 'header', header: headerSchema.parse(json) };
  if ('file' in json) {
    const { file, text } = fileSchema.parse(json);
    return { kind: 'file', name: file, text };
  }
  if ('table' in json) return { kind: 'table', ...tableSchema.parse(json) };
  if ('rows' in json) return { kind: 'rows', ...rowsSchema.parse(json) };
  return { kind: 'trailer', ...trailerSchema.parse(json) };
}

export function rowLine(values: readonly unknown[]): string {
  return JSON.stringify(values.map(encodeValue));
}

function encodeValue(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') };
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!Number.isInteger(value) || Number.isSafeInteger(value))
  ) {
    return value;
  }
  throw new Error(`a ${typeof value} such as this cannot be backed up without loss`);
}

function decodeValue(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'object' && 'b' in value && typeof value.b === 'string') return Buffer.from(value.b, 'base64');
  throw new Error('a row holds something that is no value');
}
