import { posix } from 'node:path';
import { lineAt, type Repo, sourcesOf } from './repo.ts';

/** One import: of a file of ours, or of an npm package. Node's own modules are left out. */
export interface Import {
  from: string;
  line: number;
  typeOnly: boolean;
  /** A file that is run in a thread or process of its own: reached, but not loaded into this one. */
  apart: boolean;
  /** The file, when it is ours; the name of the package, when it is imported by name. */
  file?: string;
  pkg?: string;
}

/** Ways to reach another module. The formatter keeps statements at line starts, so text in strings does not match. */
const patterns: readonly RegExp[] = [
  /^(?:import|export)\s+(?<type>type\s)?[\w$*{},\s]*?\s?from\s+['"](?<to>[^'"]+)['"]/gm,
  /^import\s+['"](?<to>[^'"]+)['"]/gm,
  /\bimport\(\s*['"](?<to>[^'"]+)['"]\s*\)(?!\.[A-Z])/g,
  /\b(?<type>import)\(\s*['"](?<to>[^'"]+)['"]\s*\)\.[A-Z]/g,
  /\b(?<apart>new URL)\(\s*['"](?<to>\.[^'"]+\.ts)['"],\s*import\.meta\.url/g,
  /\bimport\.meta\.resolve\(\s*['"](?<to>[^'"]+)['"]/g,
];

export function importsOf(repo: Repo): Import[] {
  return sourcesOf(repo).flatMap(([from, text]) => importsIn(from, text, repo));
}

function importsIn(from: string, text: string, repo: Repo): Import[] {
  const found = new Map<number, Import>();
  for (const pattern of patterns) {
    for (const { index, groups } of text.matchAll(pattern)) {
      if (groups?.to === undefined || groups.to.startsWith('node:')) continue;
      const how = { typeOnly: groups.type !== undefined, apart: groups.apart !== undefined };
      found.set(index, { from, line: lineAt(text, index), ...how, ...targetOf(from, groups.to, repo) });
    }
  }
  return [...found.values()].toSorted((a, b) => a.line - b.line);
}

function targetOf(from: string, specifier: string, repo: Repo): Pick<Import, 'file' | 'pkg'> {
  if (specifier.startsWith('.')) return { file: posix.join(posix.dirname(from), specifier) };
  const pkg = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const [, short] = /^@omanager\/(.+)/.exec(pkg) ?? [];
  if (short === undefined) return { pkg };
  const folder = ['packages', 'apps'].find((parent) => repo.has(`${parent}/${short}/package.json`)) ?? 'packages';
  // A door beside the main one (`exports` of its package.json) is the file of that name.
  const door = specifier.slice(pkg.length + 1) || 'index';
  return { pkg, file: `${folder}/${short}/src/${door}.ts` };
}
