import { parseCsv } from './csv.ts';
import { type ImportedHost, limits, type ParsedImport, type Problem } from './fields.ts';
import { parseSshConfig } from './sshConfig.ts';
import { parseYaml } from './yaml.ts';

export type ImportFormat = 'csv' | 'yaml' | 'ssh_config';

const readers: Readonly<Record<ImportFormat, (text: string) => ParsedImport>> = {
  csv: parseCsv,
  yaml: parseYaml,
  ssh_config: parseSshConfig,
};

/** What a file says, each server once. Never throws for what the file holds. */
export function parseImport(format: ImportFormat, text: string): ParsedImport {
  const { hosts, problems } = readers[format](text);
  if (hosts.length > limits.hosts)
    return { hosts: [], problems: [{ line: 1, message: `A file holds at most ${limits.hosts} servers; split it.` }] };
  const byName = new Map<string, ImportedHost>();
  for (const host of hosts) {
    const before = byName.get(host.name);
    const merged = before ? merge(before, host) : host;
    if ('message' in merged) problems.push(merged);
    else byName.set(host.name, merged);
  }
  return { hosts: [...byName.values()], problems: firstProblems(problems) };
}

/** A server may stand in several groups of a file; it may not be described in two ways. */
function merge(before: ImportedHost, again: ImportedHost): ImportedHost | Problem {
  const { groups: some = [], ...first } = before.fields;
  const { groups: more = [], ...second } = again.fields;
  const both = { ...first, ...second };
  const same = JSON.stringify({ ...both, ...first }) === JSON.stringify(both);
  const inGroups = some.length > 0 && more.length > 0 && some.join() !== more.join();
  if (!same || !inGroups)
    return { line: again.line, message: `${again.name} is already on line ${before.line}; say it once.` };
  return { line: before.line, name: before.name, fields: { ...both, groups: [...new Set([...some, ...more])] } };
}

export function firstProblems(problems: readonly Problem[]): Problem[] {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const more = sorted.length - limits.problems;
  if (more <= 0) return sorted;
  return [...sorted.slice(0, limits.problems), { line: 0, message: `… and ${more} more problems.` }];
}
