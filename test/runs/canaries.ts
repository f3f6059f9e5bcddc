import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { openDatabase } from '../../apps/server/src/db/database.ts';

/** Secrets by name, to be found again wherever they should not be. */
export type Canaries = Readonly<Record<string, string>>;

interface Form {
  name: string;
  bytes: Buffer;
}

const shortestLine = 20;

/** Each canary as it may have been written: plain, line by line, as JSON, in hex and base64, as UTF-16. */
export function formsOf(canaries: Canaries): Form[] {
  return Object.entries(canaries).flatMap(([name, secret]) => {
    const lines = secret.split('\n').filter((line) => line.length >= shortestLine);
    const texts = [...new Set([secret, ...(secret.includes('\n') ? lines : [])])];
    return texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const hex = bytes.toString('hex');
      return [
        bytes,
        JSON.stringify(text).slice(1, -1),
        encodeURIComponent(text),
        hex,
        hex.toUpperCase(),
        // Whatever stands before it, one of the three alignments appears in base64.
        ...[0, 1, 2].map((skip) => bytes.subarray(skip).toString('base64').slice(0, -4)),
        // As base64 prints a long text, but for the last line.
        ...(bytes.toString('base64').match(/.{76}/g) ?? []),
        Buffer.from(text, 'utf16le'),
      ].map((form) => ({ name, bytes: Buffer.from(form) }));
    });
  });
}

/** Names of the canaries in these bytes. */
export function found(forms: readonly Form[], where: Uint8Array | string): string[] {
  const bytes = Buffer.from(where);
  return [...new Set(forms.filter((form) => bytes.includes(form.bytes)).map(({ name }) => name))];
}

/** Every file below a folder that holds a canary as it is. */
export function foundInFiles(forms: readonly Form[], folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .flatMap((path) => found(forms, readFileSync(path)).map((name) => `${name} in ${path}`));
}

/** Every value of every table of an SQLite database that holds a canary, after it was inflated where it can be. */
export async function foundInTables(
  forms: readonly Form[],
  file: string,
): Promise<{ values: number; found: string[] }> {
  const database = openDatabase({ kind: 'sqlite', file });
  const places: string[] = [];
  let values = 0;
  try {
    const tables: { name: string }[] = await database.knex('sqlite_master').where({ type: 'table' }).select('name');
    for (const { name: table } of tables) {
      const rows: Record<string, unknown>[] = await database.knex(table).select('*');
      for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
        if (typeof value !== 'string' && !(value instanceof Uint8Array)) continue;
        values++;
        for (const bytes of [Buffer.from(value), ...inflated(value)])
          places.push(...found(forms, bytes).map((name) => `${name} in ${table}.${column}`));
      }
    }
  } finally {
    await database.close();
  }
  return { values, found: [...new Set(places)] };
}

function inflated(value: string | Uint8Array): Buffer[] {
  if (typeof value === 'string') return [];
  try {
    return [inflateRawSync(value)];
  } catch {
    // It was not compressed.
    return [];
  }
}
