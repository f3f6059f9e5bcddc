import { OmError } from './errors.ts';

/** Digit runs longer than this are plain text to compressRanges and refused inside brackets: numbers stay exact. */
const maxDigits = 15;
/** No host name is longer (hostNameSchema). */
const maxNameLength = 200;

interface Bounds {
  readonly from: number;
  readonly to: number;
  /** Zero padding is kept: `01-40` has width 2. */
  readonly width: number;
}
type Piece = string | readonly Bounds[];

/**
 * The names a range text stands for, in its order, each once: `web-[01-03,07]` is web-01, web-02, web-03, web-07.
 * Several brackets multiply; commas outside brackets join (`db-1,web-[1-2]`). Leading zeros of the first number set
 * the width. Throws `SELECTOR_INVALID` with `details.position` (an index into `text`), also for more than `max` names.
 */
export function expandRanges(text: string, max = 10_000): string[] {
  const names = new Set<string>();
  let total = 0;
  for (const { pieces, position } of parse(text)) {
    const count = pieces.reduce((product, piece) => product * sizeOf(piece), 1);
    total += count;
    if (total > max) throw refuse(`it stands for more than ${max} servers`, position);
    const length = pieces.reduce((sum, piece) => sum + widthOf(piece), 0);
    if (length > maxNameLength) throw refuse(`a server name has at most ${maxNameLength} characters`, position);
    for (const name of product(pieces)) names.add(name);
  }
  return [...names];
}

function parse(text: string): { pieces: Piece[]; position: number }[] {
  const terms = [{ pieces: [] as Piece[], position: 0 }];
  let at = 0;
  for (const [part] of text.matchAll(/\[[^\]]*\]?|[^[,]+|,/g)) {
    const pieces = terms[terms.length - 1]?.pieces ?? [];
    if (part === ',') {
      if (pieces.length === 0) throw refuse('a name is missing before this comma', at);
      terms.push({ pieces: [], position: at + 1 });
    } else if (part.startsWith('[')) pieces.push(parseBracket(part, at));
    else if (part.includes(']')) throw refuse('this ] was never opened', at + part.indexOf(']'));
    else pieces.push(part);
    at += part.length;
  }
  if (terms.at(-1)?.pieces.length === 0) throw refuse('a name is missing here', at);
  return terms;
}

function parseBracket(bracket: string, start: number): Bounds[] {
  if (!bracket.endsWith(']')) throw refuse('this [ is never closed', start);
  let at = start + 1;
  return bracket
    .slice(1, -1)
    .split(',')
    .map((item) => {
      const position = at;
      at += item.length + 1;
      const match = /^(\d+)(?:-(\d+))?$/.exec(item);
      const first = match?.[1];
      if (first === undefined) throw refuse('brackets hold numbers and ranges such as [01-40,52]', position);
      const last = match?.[2] ?? first;
      if (Math.max(first.length, last.length) > maxDigits) throw refuse('the number is too long', position);
      if (Number(last) < Number(first)) throw refuse(`the range ${item} runs backwards`, position);
      return { from: Number(first), to: Number(last), width: widthFrom(first) };
    });
}

const refuse = (why: string, position: number): OmError =>
  new OmError('SELECTOR_INVALID', `Cannot read the range at character ${position + 1}: ${why}.`, { position });

const widthFrom = (first: string): number => (first.startsWith('0') ? first.length : 1);
const padded = (value: number, width: number): string => String(value).padStart(width, '0');
const sizeOf = (piece: Piece): number =>
  typeof piece === 'string' ? 1 : piece.reduce((sum, { from, to }) => sum + to - from + 1, 0);
const widthOf = (piece: Piece): number =>
  typeof piece === 'string' ? piece.length : Math.max(...piece.map(({ to, width }) => padded(to, width).length));

function product(pieces: readonly Piece[]): string[] {
  return pieces.reduce<string[]>(
    (names, piece) => {
      const values = typeof piece === 'string' ? [piece] : piece.flatMap(valuesOf);
      return names.flatMap((name) => values.map((value) => name + value));
    },
    [''],
  );
}

function valuesOf({ from, to, width }: Bounds): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => padded(from + i, width));
}

/** A sort key under which web-2 comes before web-10. */
const naturalKey = (name: string): string => name.replace(/\d+/g, (digits) => digits.padStart(maxDigits, '0'));

/**
 * The shortest-looking range text of these names: `web-[01-38],db-1`. Expanding it gives exactly the same set of names.
 * Names must be host names (no comma, no bracket); the order of `names` and repeats do not matter.
 */
export function compressRanges(names: readonly string[]): string {
  const keyed = [...new Set(names)].map((name) => ({ name, key: naturalKey(name) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.name < b.name ? -1 : 1));
  const shapes = new Map<string, string[][]>();
  for (const { name } of keyed) {
    const tokens = name.split(/((?<!\d)\d{1,15}(?!\d))/);
    // Odd tokens are the numbers; names fold only with names that are alike in everything else.
    const shape = tokens.map((token, i) => (i % 2 === 0 ? token : '')).join('\0');
    const rows = shapes.get(shape);
    if (rows) rows.push(tokens);
    else shapes.set(shape, [tokens]);
  }
  return [...shapes.values()].flatMap(foldShape).join(',');
}

function foldShape(rows: readonly string[][]): string[] {
  const places = (rows[0] ?? []).map((_, place) => place).filter((place) => place % 2 === 1);
  const variety = new Map(places.map((place) => [place, new Set(rows.map((row) => row[place])).size]));
  places.sort((a, b) => (variety.get(b) ?? 0) - (variety.get(a) ?? 0) || b - a);
  return places.reduce(foldPlace, rows).map((row) => row.join(''));
}

/** Rows that differ only in this number become one row with a range there. */
function foldPlace(rows: readonly string[][], place: number): string[][] {
  const groups = new Map<string, { row: string[]; values: string[] }>();
  for (const row of rows) {
    const key = row.with(place, '').join('\0');
    const group = groups.get(key) ?? { row, values: [] };
    group.values.push(row[place] ?? '');
    groups.set(key, group);
  }
  return [...groups.values()].map(({ row, values }) => row.with(place, rangeOf(values)));
}

function rangeOf(values: readonly string[]): string {
  if (values.length === 1) return values.join('');
  const sorted = values.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const runs: { first: string; last: string }[] = [];
  for (const value of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && value === padded(Number(run.last) + 1, widthFrom(run.first))) run.last = value;
    else runs.push({ first: value, last: value });
  }
  return `[${runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(',')}]`;
}
