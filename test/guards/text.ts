import { posix } from 'node:path';
import type { Guard, Verdict } from './guard.ts';
import { lineAt, type Repo } from './repo.ts';

const maxLines = 300;

/** Files above the limit, with the reason why they are one thing all the same. */
const longFiles: Readonly<Record<string, string>> = {};

export const size: Guard = {
  name: `no source above ${maxLines} lines without a reason`,
  atLeast: 150,
  what: 'sources',
  look: (repo) => checkSize(repo, longFiles),
};

export function checkSize(repo: Repo, reasons: Readonly<Record<string, string>>): Verdict {
  const sources = [...repo].filter(([path]) => /\.(tsx?|sh|py)$/.test(path));
  const lengths = sources.map(([path, text]) => ({ path, lines: text.split('\n').length - 1 }));
  const tooLong = lengths.filter(({ path, lines }) => lines > maxLines && reasons[path] === undefined);
  const idle = Object.keys(reasons).filter(
    (path) => !lengths.some((file) => file.path === path && file.lines > maxLines),
  );
  return {
    looked: sources.length,
    problems: [
      ...tooLong.map(
        ({ path, lines }) => `${path}: ${lines} lines; split it, or give the reason in test/guards/text.ts`,
      ),
      ...idle.map((path) => `test/guards/text.ts: ${path} needs no exception any more`),
    ],
  };
}

/** What no text here says. The patterns are written so that this file does not match itself. */
const unwanted: readonly { pattern: RegExp; why: string }[] = [
  { pattern: /\/(work|home\/[a-z]+|Users\/\w+)\/[\w.]/g, why: 'a path of somebody’s machine' },
  { pattern: /registry\.(npmjs|yarnpkg)/g, why: 'the name of a registry' },
  { pattern: /\b(TO[D]O|FIX[M]E|HA[C]K|XX[X])\b/g, why: 'work left for later: do it, or describe it as an issue' },
  { pattern: /^(<{7}|>{7}) /gm, why: 'a merge conflict' },
];

export const words: Guard = {
  name: 'no machine paths, registries, notes to self',
  atLeast: 200,
  what: 'files',
  look: checkWords,
};

export function checkWords(repo: Repo): Verdict {
  const problems: string[] = [];
  for (const [path, text] of repo) {
    if (path === 'package-lock.json') continue;
    for (const { pattern, why } of unwanted) {
      for (const match of text.matchAll(pattern))
        problems.push(`${path}:${lineAt(text, match.index)}: “${match[0]}” is ${why}`);
    }
  }
  return { looked: repo.size, problems };
}

/** Prose decays: what it names in the repository must be there. */
export const mentions: Guard = {
  name: 'files that texts name exist',
  atLeast: 20,
  what: 'names of files',
  look: checkMentions,
};

export function checkMentions(repo: Repo): Verdict {
  const folders = new Set(
    [...repo.keys()].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))),
  );
  const exists = (name: string) => repo.has(name) || folders.has(name);
  const problems: string[] = [];
  let looked = 0;
  for (const [path, text] of repo) {
    if (path === 'package-lock.json') continue;
    const beside = path.split('/').slice(0, -1).join('/');
    const named = path.endsWith('.md')
      ? /(?:apps|packages|migrations|test|docs)\/[\w./-]*[\w]|[\w./-]+\.md\b/g
      : /(?<![\w/{}$])[\w./-]+\.md\b/g;
    for (const match of text.matchAll(named)) {
      looked++;
      const name = match[0];
      if (name.startsWith('/')) continue;
      if (exists(posix.normalize(name)) || exists(posix.join(beside, name))) continue;
      problems.push(`${path}:${lineAt(text, match.index)}: there is no ${name} here`);
    }
  }
  return { looked, problems };
}

export const skips: Guard = {
  name: 'no test is skipped without its reason',
  atLeast: 30,
  what: 'test files',
  look: checkSkips,
};

const leftOut =
  /\b(?:test|it|describe|suite)(?:\.\w+)*?\.(?<how>only|skip|todo|fails|skipIf|runIf)\b\s*[.(](?<condition>.*)/g;
/** A condition that asks the lab needs no comment: the lab says what is missing, and which tests are skipped for it. */
const asksTheLab = /^!*\s*(missing|isRoot|no[A-Z]\w+|(has|lack|isInstalled)\(|canRun\w+)/;

export function checkSkips(repo: Repo): Verdict {
  const tests = [...repo].filter(([path]) => /\.test\.tsx?$/.test(path));
  const problems = tests.flatMap(([path, text]) => {
    const lines = text.split('\n');
    return [...text.matchAll(leftOut)].flatMap(({ index, groups }) => {
      const line = lineAt(text, index);
      const how = groups?.how ?? '';
      if (how === 'only') return [`${path}:${line}: .only leaves out every other test`];
      if (how.endsWith('If') && asksTheLab.test(groups?.condition ?? '')) return [];
      const near = [lines[line - 1], lines[line - 2]];
      if (near.some((text) => text !== undefined && /(^|\s)(\/\/|\*|\/\*)\s*\S/.test(text))) return [];
      return [`${path}:${line}: .${how} needs its reason as a comment on this line or the one above`];
    });
  });
  return { looked: tests.length, problems };
}

export const lockfile: Guard = {
  name: 'package-lock.json names no registry',
  atLeast: 200,
  what: 'packages',
  look: checkLockfile,
};

export function checkLockfile(repo: Repo): Verdict {
  const lock: { packages?: Record<string, { resolved?: string; link?: boolean; integrity?: string }> } = JSON.parse(
    repo.get('package-lock.json') ?? '{}',
  );
  const packages = Object.entries(lock.packages ?? {}).filter(([path]) => path.includes('node_modules/'));
  const problems = packages.flatMap(([path, { resolved, link, integrity }]) => [
    ...(resolved?.startsWith('http') ? [`package-lock.json: ${path} is resolved to ${resolved}`] : []),
    ...(link || integrity ? [] : [`package-lock.json: ${path} has no integrity`]),
  ]);
  return { looked: packages.length, problems };
}
