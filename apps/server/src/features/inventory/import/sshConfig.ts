import { type Cells, limits, type ParsedImport, readHost } from './fields.ts';

/** What an `ssh_config` says that a server has, by its keyword in lower case. */
const fieldOf: Readonly<Record<string, string>> = { hostname: 'address', port: 'port', user: 'user' };

interface Block {
  readonly line: number;
  readonly patterns: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads `~/.ssh/config`: a server for each alias without wildcards. As in ssh the first value that fits wins, so that
 * `Host *` at the end gives what the blocks before it leave open. `Match` blocks depend on more than the name and say
 * nothing; jump hosts belong to zones.
 */
export function parseSshConfig(text: string): ParsedImport {
  const blocks = readBlocks(text);
  const hosts: ParsedImport['hosts'] = [];
  const problems: ParsedImport['problems'] = [];
  const seen = new Set<string>();
  for (const { line, patterns } of blocks) {
    for (const alias of patterns) {
      if (/[*?!]/.test(alias) || seen.has(alias)) continue;
      seen.add(alias);
      if (seen.size > limits.hosts) break;
      const cells: Cells = { name: alias, address: alias, ...valuesFor(alias, blocks) };
      const host = readHost(line, cells);
      if (Array.isArray(host)) problems.push(...host);
      else hosts.push(host);
    }
  }
  if (seen.size === 0) problems.push({ line: 1, message: 'The file has no Host line that names a server.' });
  return { hosts, problems };
}

function readBlocks(text: string): Block[] {
  const blocks: (Block & { values: Map<string, string> })[] = [{ line: 1, patterns: ['*'], values: new Map() }];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(raw) ?? [];
    const value = rest.trim();
    const name = keyword.toLowerCase();
    if (name === 'host') blocks.push({ line: index + 1, patterns: wordsOf(value), values: new Map() });
    else if (name === 'match') blocks.push({ line: index + 1, patterns: [], values: new Map() });
    const field = fieldOf[name];
    const block = blocks.at(-1);
    const [word] = wordsOf(value);
    if (field !== undefined && word !== undefined && block && !block.values.has(field)) block.values.set(field, word);
  }
  return blocks;
}

/** A word that begins with # begins a comment. */
function wordsOf(value: string): string[] {
  const words = [...value.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const comment = words.findIndex((word) => word.startsWith('#'));
  return comment < 0 ? words : words.slice(0, comment);
}

function valuesFor(alias: string, blocks: readonly Block[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const { patterns, values } of blocks) {
    if (!fits(alias, patterns)) continue;
    for (const [field, value] of values) if (!found.has(field)) found.set(field, value.replaceAll('%h', alias));
  }
  return Object.fromEntries(found);
}

function fits(alias: string, patterns: readonly string[]): boolean {
  const matching = (pattern: string) => matchesGlob(alias, pattern);
  if (patterns.some((pattern) => pattern.startsWith('!') && matching(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matching(pattern));
}

/** Goes back to the last `*` only, so that no pattern takes long. */
function matchesGlob(text: string, pattern: string): boolean {
  let at = 0;
  let i = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    if (pattern[i] === '*') {
      star = i++;
      from = at;
    } else if (i < pattern.length && (pattern[i] === '?' || pattern[i] === text[at])) {
      i++;
      at++;
    } else if (star >= 0) {
      i = star + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[i] === '*') i++;
  return i === pattern.length;
}
