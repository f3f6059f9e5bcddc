import { isAlias, LineCounter, parseDocument, visit } from 'yaml';
import { type Manifest, manifestSchema } from './manifest.ts';

/** A mistake in a manifest; line and column count from 1. */
export interface ManifestProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

export type ParsedManifest = { manifest: Manifest } | { problems: ManifestProblem[] };

const maxBytes = 256 * 1024;
const maxDepth = 16;

/** Reads one manifest. Nothing in it is evaluated: no tags, no aliases, no merge keys, a capped size and depth. */
export function parseManifest(text: string, file: string): ParsedManifest {
  if (text.length > maxBytes)
    return { problems: [{ file, line: 1, column: 1, message: 'a manifest holds at most 256 kB' }] };
  const lines = new LineCounter();
  const problems: ManifestProblem[] = [];
  const report = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    problems.push({ file, line: Math.max(1, line), column: Math.max(1, col), message });
  };
  if (tooDeep(text))
    return { problems: [{ file, line: 1, column: 1, message: `a manifest nests at most ${maxDepth} levels` }] };
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    merge: false,
    prettyErrors: false,
    uniqueKeys: true,
  });
  for (const { pos, message } of [...document.errors, ...document.warnings]) report(pos[0], message);
  visit(document, {
    Node(_key, node, path) {
      if (isAlias(node) || ('anchor' in node && node.anchor))
        report(node.range?.[0] ?? 0, 'anchors and aliases are not supported');
      if (path.length > maxDepth * 2) report(node.range?.[0] ?? 0, `a manifest nests at most ${maxDepth} levels`);
    },
    Pair(_key, { key }) {
      const name = typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
      if (name === '__proto__') report(0, '__proto__ is not a key');
    },
  });
  if (problems.length > 0) return { problems };
  const checked = manifestSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (checked.success) return { manifest: checked.data };
  for (const { path, message } of checked.error.issues) {
    const keys = path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    report(offsetOf(document, keys), keys.length > 0 ? `${keys.join('.')}: ${message}` : message);
  }
  return { problems };
}

/** Where the value at this path stands, or the nearest thing above it that does. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0]);
  }
  return 0;
}

/** Flow collections nest without newlines: count brackets before the parser recurses into them. */
function tooDeep(text: string): boolean {
  let open = 0;
  for (const char of text) {
    if (char === '[' || char === '{') open++;
    else if (char === ']' || char === '}') open = Math.max(0, open - 1);
    if (open > 1000) return true;
  }
  return false;
}

/** SHA-256 of the manifest in canonical JSON, as hex: what runs point at. */
export async function digestOf(manifest: Manifest): Promise<string> {
  const bytes = new TextEncoder().encode(canonical(manifest));
  const hash = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** JSON with sorted keys and no undefined. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** All mistakes in a folder of manifests, also those between them: an id or a legacy number used twice. */
export function validateModules(files: readonly { file: string; text: string }[]): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const seen = new Map<string, string>();
  for (const { file, text } of files) {
    const parsed = parseManifest(text, file);
    if ('problems' in parsed) {
      problems.push(...parsed.problems);
      continue;
    }
    const { id, legacyId } = parsed.manifest;
    for (const name of legacyId === undefined ? [id] : [id, String(legacyId)]) {
      const other = seen.get(name);
      if (other !== undefined)
        problems.push({ file, line: 1, column: 1, message: `${name} is already used by ${other}` });
      seen.set(name, file);
    }
  }
  return problems;
}
