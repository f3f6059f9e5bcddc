import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { type Cells, fieldNames, type ParsedImport, readHost } from './fields.ts';

/** A map keeps its hosts this deep at most: as deep as a group path. */
const maxDepth = 8;
const maxAliases = 100;

/**
 * Reads a list of servers, or maps of any depth that end in such lists: then the keys on the way are the group
 * (function category, application). A server is a map of fields or only its name. All scalars are text.
 */
export function parseYaml(text: string): ParsedImport {
  const lines = new LineCounter();
  const found: ParsedImport = { hosts: [], problems: [] };
  const { hosts, problems } = found;
  // The failsafe schema knows no types and no tags: 0101 stays a name, and nothing is built from data.
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', uniqueKeys: true, merge: false });
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    problems.push({ line: lines.linePos(pos[0]).line, message: message.split('\n')[0] ?? message });
  }
  if (problems.length > 0) return found;
  if (document.contents) visit(document.contents, []);
  return found;

  function visit(node: Node | null, path: readonly string[]): void {
    if (isSeq(node)) {
      for (const item of node.items) readItem(item, path, lineOf(node));
    } else if (isMap(node) && path.length < maxDepth) {
      for (const { key, value } of node.items) visit(asNode(value), [...path, textOf(key)]);
    } else if (!isEmpty(node)) {
      const message = 'Here belongs a list of servers, or groups that end in one.';
      problems.push({ line: lineOf(node), message });
    }
  }

  function readItem(item: unknown, path: readonly string[], line: number): void {
    const node = asNode(item);
    const at = node ? lineOf(node) : line;
    const cells = cellsOf(node);
    if (typeof cells === 'string') {
      problems.push({ line: at, message: cells });
      return;
    }
    if (path.length > 0) {
      const own = cells.groups ?? [];
      const more = typeof own === 'string' ? own.split(';').map((group) => group.trim()) : Object.values(own);
      cells.groups = [...new Set([path.join('/'), ...more.filter((group) => group !== '')])];
    }
    const host = readHost(at, cells);
    if (Array.isArray(host)) problems.push(...host);
    else hosts.push(host);
  }

  /** The fields of a server, or what is wrong with it. */
  function cellsOf(node: Node | null): Cells | string {
    if (isScalar(node)) return { name: textOf(node) };
    if (!isMap(node)) return 'A server is its name, or fields such as name, address and user.';
    let data: unknown;
    try {
      data = node.toJS(document, { maxAliasCount: maxAliases });
    } catch {
      return `There are too many aliases here (at most ${maxAliases}).`;
    }
    const unknown = node.items.map(({ key }) => textOf(key)).find((key) => !fieldNames.includes(key));
    if (unknown !== undefined) return `A server has no field ${unknown}; it has ${fieldNames.join(', ')}.`;
    // The failsafe schema yields text, lists and maps only; readHost judges which of them fits where.
    return data as Cells;
  }

  function lineOf(node: Node | null): number {
    return node?.range ? lines.linePos(node.range[0]).line : 1;
  }
}

function asNode(value: unknown): Node | null {
  // Parsed documents hold nodes only; a missing value is null.
  return value as Node | null;
}

function textOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

function isEmpty(node: Node | YAMLMap | null): boolean {
  return node === null || (isScalar(node) && node.value === '');
}
