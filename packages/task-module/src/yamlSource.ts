import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** A mistake in a file; line and column count from 1. */
export interface ManifestProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

export type Path = readonly (string | number)[];

/** A YAML document that is plain data, with the place of each of its values. */
export interface YamlSource {
  value: unknown;
  /** The place of a value, or of its key; the nearest above it that exists. */
  at(path: Path, part: 'key' | 'value'): { line: number; column: number };
}

const maxBytes = 256 * 1024;
const maxDepth = 16;
const maxStructure = 32 * 1024;
const roughDepth = 64;
const tooDeep = `a manifest nests at most ${maxDepth} levels`;
/** More are not read by anybody. */
export const maxProblems = 20;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads YAML that somebody else wrote. Nothing in it is evaluated: one document, no tags, no aliases, bounded in size and depth. */
export function readYaml(text: string, file: string): YamlSource | { problems: ManifestProblem[] } {
  const only = (message: string) => ({ problems: [{ file, line: 1, column: 1, message }] });
  if (new TextEncoder().encode(text).length > maxBytes) return only('a manifest holds at most 256 kB');
  const much = tooMuch(text);
  if (much !== undefined) return only(much);
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      schema: 'core',
      merge: false,
      prettyErrors: false,
      uniqueKeys: false,
    });
  } catch (error) {
    if (error instanceof RangeError) return only(tooDeep);
    throw error;
  }
  const mistakes = [...document.errors, ...document.warnings].slice(0, maxProblems).map(({ pos, message }) => ({
    file,
    ...place(pos[0]),
    message,
  }));
  const root = document.contents;
  const wild = root ? wildNodes(root) : [];
  const problems = [
    ...mistakes,
    ...wild.map(({ node, message }) => ({ file, ...place(node.range?.[0] ?? 0), message })),
  ];
  if (problems.length > 0) return { problems };
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    at: (path, part) => place(offsetOf(root, path, part)),
  };
}

/**
 * Looks at the text before the parser does, which calls itself for each level and spends its time on structure: how deep it nests, roughly, and
 * how much of it is structure. A text written with `|` or `>` costs little and does not count.
 */
function tooMuch(text: string): string | undefined {
  let brackets = 0;
  let structure = 0;
  /** Indentation of the key whose text follows. */
  let textUnder = Number.POSITIVE_INFINITY;
  const columns: number[] = [];
  for (const line of text.split('\n')) {
    const start = /^(?:[ \t]|[-?:](?=[ \t]))*/.exec(line)?.[0] ?? '';
    const indent = start.search(/[-?:]|$/);
    if (indent > textUnder || line === '') continue;
    structure += line.length + 1;
    if (structure > maxStructure)
      return `a manifest holds at most ${maxStructure / 1024} kB besides texts written with |`;
    for (const char of line) {
      if (char === '[' || char === '{') brackets++;
      else if (char === ']' || char === '}') brackets = Math.max(0, brackets - 1);
    }
    while ((columns.at(-1) ?? -1) >= indent) columns.pop();
    for (let at = indent; at <= start.length; at++)
      if (at === start.length || /[-?:]/.test(start.charAt(at))) columns.push(at);
    if (brackets > roughDepth || columns.length > roughDepth) return tooDeep;
    const opensText = brackets === 0 && /^[^#'"]*[:-] +[|>][-+0-9]{0,2} *$/.test(line);
    textUnder = opensText ? indent : Number.POSITIVE_INFINITY;
  }
  return undefined;
}

/** What plain data must not hold. Walks with a list and not by calling itself, since the depth is not known yet. */
function wildNodes(root: Node): { node: Node; message: string }[] {
  const found: { node: Node; message: string }[] = [];
  const open: { node: Node; depth: number }[] = [{ node: root, depth: 1 }];
  for (let next = open.pop(); next && found.length < maxProblems; next = open.pop()) {
    const { node, depth } = next;
    if (depth > maxDepth) return [{ node, message: tooDeep }];
    if (isAlias(node) || ('anchor' in node && node.anchor !== undefined))
      found.push({ node, message: 'anchors and aliases are not supported: write the value out' });
    if ('tag' in node && typeof node.tag === 'string')
      found.push({ node, message: `tags such as ${node.tag} are not supported` });
    const inside = depth + 1;
    if (isSeq(node)) open.push(...node.items.filter(isNode).map((item) => ({ node: item, depth: inside })));
    if (!isMap(node)) continue;
    const keys = new Set<unknown>();
    for (const { key, value } of node.items) {
      // The parser's own check compares each key with each.
      if (isScalar(key) && keys.has(key.value)) found.push({ node: key, message: 'this key stands here twice' });
      if (isScalar(key)) keys.add(key.value);
      if (!isScalar(key) || typeof key.value !== 'string')
        found.push({ node: isNode(key) ? key : node, message: 'a key must be a text' });
      else if (forbiddenKeys.has(key.value)) found.push({ node: key, message: `${key.value} is not a key` });
      if (isNode(key)) open.push({ node: key, depth: inside });
      if (isNode(value)) open.push({ node: value, depth: inside });
    }
  }
  return found;
}

function offsetOf(root: Node | null, path: Path, part: 'key' | 'value'): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    let target: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (!pair) return offset;
      target = isNode(pair.value) && (part === 'value' || index < path.length - 1) ? pair.value : pair.key;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      target = node.items[step];
      node = target;
    } else return offset;
    offset = (isNode(target) ? target.range?.[0] : undefined) ?? offset;
  }
  return offset;
}
