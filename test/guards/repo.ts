import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files of the repository by path from its root, with `/`; pictures and the like stand there empty. Guards get it as data, so that a test can feed them a bad one. */
export type Repo = ReadonlyMap<string, string>;

export const root = fileURLToPath(new URL('../..', import.meta.url));

const notOurs = new Set(['node_modules', '.git', '.vitest', 'coverage', 'dist', 'release']);

/** Reads every file below `folder` as it lies there: what is not committed yet counts too. */
export function readRepo(folder: string = root): Repo {
  const files = new Map<string, string>();
  const collect = (parent: string) => {
    for (const entry of readdirSync(parent, { withFileTypes: true })) {
      const path = join(parent, entry.name);
      if (entry.isDirectory() && !notOurs.has(entry.name)) collect(path);
      if (!entry.isFile() || entry.name.endsWith('.log')) continue;
      const text = readFileSync(path, 'utf8');
      files.set(relative(folder, path).split(sep).join('/'), text.includes('\0') ? '' : text);
    }
  };
  collect(folder);
  return files;
}

/** TypeScript sources in order of their paths. */
export function sourcesOf(repo: Repo): [path: string, text: string][] {
  return [...repo].filter(([path]) => /\.tsx?$/.test(path)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A test, or something beside the code that only tests use. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.test\.tsx?$/.test(path) || /\/testing(\/|\.ts$)/.test(path);
}

/** The workspace that a file belongs to (`apps/x`, `packages/x`), or the empty string for the root. */
export function workspaceOf(path: string): string {
  return /^(apps|packages)\/[^/]+(?=\/)/.exec(path)?.[0] ?? '';
}

export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < index; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
