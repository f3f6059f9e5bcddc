import type { z } from 'zod';
import { type Manifest, manifestSchema } from './manifest.ts';
import { type ManifestProblem, maxProblems, type Path, readYaml, type YamlSource } from './yamlSource.ts';

export type ParsedManifest = { manifest: Manifest } | { problems: ManifestProblem[] };

/** Reads one manifest. Every mistake comes with file, line and column. */
export function parseManifest(text: string, file: string): ParsedManifest {
  const parsed = parseWithPlaces(text, file);
  return 'problems' in parsed ? parsed : { manifest: parsed.manifest };
}

/** The same, with a way to ask where in the text a key or value stands. */
export function parseWithPlaces(
  text: string,
  file: string,
): { manifest: Manifest; at: YamlSource['at'] } | { problems: ManifestProblem[] } {
  const source = readYaml(text, file);
  if ('problems' in source) return source;
  const checked = manifestSchema.safeParse(source.value);
  if (checked.success) return { manifest: checked.data, at: source.at };
  const longForm = isLongForm(source.value);
  const findings = checked.error.issues.flatMap((issue) => findingsOf(issue, longForm)).slice(0, maxProblems);
  const problems = findings.map(({ path, part, message }) => ({
    file,
    ...source.at(path, part),
    message: path.length > 0 ? `${path.join('.')}: ${message}` : message,
  }));
  return { problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

interface Finding {
  path: Path;
  part: 'key' | 'value';
  message: string;
}

/** An unknown key, or a name that is wrong, is shown where the key stands. */
function findingsOf(issue: z.core.$ZodIssue, longForm: boolean): Finding[] {
  const all = issue.path.filter((step) => typeof step !== 'symbol');
  // The short form of params is checked as if `properties` stood around it.
  const path = all[0] === 'params' && all[1] === 'properties' && !longForm ? ['params', ...all.slice(2)] : all;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], part: 'key', message: 'this key is not known' }));
  const part = issue.code === 'custom' && issue.params?.part === 'key' ? 'key' : 'value';
  return [{ path, part, message: issue.message }];
}

function isLongForm(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('params' in value)) return false;
  const { params } = value;
  return typeof params === 'object' && params !== null && 'type' in params && params.type === 'object';
}

/** All mistakes in a folder of manifests, also those between them: an id or a legacy number used twice. */
export function validateModules(files: readonly { file: string; text: string }[]): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const seen = new Map<string | number, string>();
  for (const { file, text } of files) {
    const parsed = parseWithPlaces(text, file);
    if ('problems' in parsed) {
      problems.push(...parsed.problems);
      continue;
    }
    const { manifest, at } = parsed;
    for (const key of ['id', 'legacyId'] as const) {
      const value = manifest[key];
      if (value === undefined) continue;
      const other = seen.get(value);
      if (other !== undefined)
        problems.push({ file, ...at([key], 'value'), message: `${key}: ${value} is already used by ${other}` });
      else seen.set(value, file);
    }
  }
  return problems;
}
