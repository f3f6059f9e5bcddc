import { readdir, readFile } from 'node:fs/promises';

const folder = new URL('../modules/', import.meta.url);

/** The manifests that ship, as text; the server parses and versions them. */
export async function loadBuiltin(): Promise<{ file: string; text: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(names.map(async (file) => ({ file, text: await readFile(new URL(file, folder), 'utf8') })));
}
