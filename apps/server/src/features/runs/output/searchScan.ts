import type { SearchHit } from '@omanager/contract';
import type { OutputStream } from './outputCounts.ts';
import type { LineFinder } from './searchPattern.ts';

/** A chunk of output as the search gets it: bytes, and where they stand. Chunks come by host, attempt and seq. */
export interface ScanChunk {
  ordinal: number;
  attempt: number;
  stream: OutputStream;
  data: Buffer;
  /** Lines that begin in it. */
  lines: number;
  /** Bytes and lines before it in its stream, and lines before it in both. */
  byte: number;
  line: number;
  lineOfBoth: number;
}

export type RawHit = Omit<SearchHit, 'name'>;

export interface Scanned {
  hits: RawHit[];
  found: { hits: number; hosts: number };
  searched: { lines: number; bytes: number };
}

export interface Scan {
  add(chunk: ScanChunk): void;
  /** No more chunks come. */
  finish(): void;
  /** What was found since it was last asked, and counters of everything so far. */
  take(): Scanned;
}

/** The beginning of a line, or what is left of it: its end has not come. */
interface Held {
  parts: Buffer[];
  size: number;
  /** Where the line begins, and how much of it is behind. */
  at: { byte: number; line: number; lineOfBoth: number };
  behind: number;
  /** The line was found in an earlier piece. */
  found: boolean;
}

const newline = 10;
/** A longer line is searched in pieces of about this size: what is held is bounded. */
const maxHeld = 1024 * 1024;
const textBytes = 512;
const textBefore = 128;
const matchesShown = 20;

/** Searches chunks as they come and counts the lines with a match; the first `limit` of them are shown, but for `skip`. */
export function createScan(finder: LineFinder, { limit, skip }: { limit: number; skip: number }): Scan {
  let hits: RawHit[] = [];
  let shown = 0;
  const found = { hits: 0, hosts: 0 };
  const searched = { lines: 0, bytes: 0 };
  let current: { ordinal: number; attempt: number } | undefined;
  let hostFound: number | undefined;
  let held: Partial<Record<OutputStream, Held>> = {};
  let seen = new Set<OutputStream>();

  function endAttempt(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = held[stream];
      if (rest) searchHeld(stream, rest);
    }
    held = {};
    seen = new Set();
  }

  /** Takes a line with a match; `line` may be a piece of it, `behind` is what was before the piece. */
  function hit(stream: OutputStream, at: Held['at'], line: Buffer, behind: number): void {
    found.hits++;
    if (!current) return;
    if (hostFound !== current.ordinal) found.hosts++;
    hostFound = current.ordinal;
    if (shown >= limit) return;
    shown++;
    if (shown > skip) hits.push({ ...current, stream, ...at, ...shownOf(line, finder, behind) });
  }

  function searchHeld(stream: OutputStream, { parts, at, behind, found: before }: Held): boolean {
    if (before) return true;
    const line = Buffer.concat(parts);
    if (finder.next(line, 0) < 0) return false;
    hit(stream, at, withoutReturn(line), behind);
    return true;
  }

  function searchBlock(stream: OutputStream, block: Buffer, begins: (nth: number, from: number) => Held['at']): void {
    let nth = 0;
    let counted = 0;
    for (let from = finder.next(block, 0); from >= 0; ) {
      const next = block.indexOf(newline, from);
      const end = next < 0 ? block.length : next;
      if (shown < limit) {
        for (let at = block.indexOf(newline, counted); at >= 0 && at < from; at = block.indexOf(newline, at + 1)) nth++;
        counted = from;
        hit(stream, begins(nth, from), withoutReturn(block.subarray(from, end)), 0);
      } else hit(stream, { byte: 0, line: 0, lineOfBoth: 0 }, block, 0);
      from = end + 1 < block.length ? finder.next(block, end + 1) : -1;
    }
  }

  /** Adds to a line that goes on; what grows too long is searched so far. */
  function hold(stream: OutputStream, data: Buffer, at: Held['at']): void {
    if (data.length === 0) return;
    const rest = held[stream] ?? { parts: [], size: 0, at, behind: 0, found: false };
    held[stream] = rest;
    rest.parts.push(data);
    rest.size += data.length;
    if (rest.size < maxHeld) return;
    rest.found = searchHeld(stream, rest);
    const whole = Buffer.concat(rest.parts);
    const kept = Buffer.from(whole.subarray(whole.length - finder.overlap));
    rest.behind += whole.length - kept.length;
    rest.parts = [kept];
    rest.size = kept.length;
  }

  return {
    add({ ordinal, attempt, stream, data, lines, byte, line, lineOfBoth }) {
      if (current?.ordinal !== ordinal || current.attempt !== attempt) {
        endAttempt();
        current = { ordinal, attempt };
      }
      searched.lines += lines;
      searched.bytes += data.length;
      let from = 0;
      const before = held[stream];
      if (before) {
        const end = data.indexOf(newline);
        hold(stream, end < 0 ? data : data.subarray(0, end), before.at);
        if (end < 0) return;
        searchHeld(stream, before);
        delete held[stream];
        from = end + 1;
      }
      const end = data.lastIndexOf(newline) + 1;
      // Where the beginning of the output is no longer kept, the first chunk may begin within a line.
      const within = !before && byte > 0 && !seen.has(stream) && lines < linesIn(data);
      seen.add(stream);
      const begun = (nth: number, at: number) => ({
        byte: byte + at,
        line: line + nth + (within ? 0 : 1),
        lineOfBoth: lineOfBoth + nth + (within ? 0 : 1),
      });
      if (end > from) searchBlock(stream, data.subarray(from, end), (nth, at) => begun(nth, from + at));
      const rest = Math.max(end, from);
      if (rest < data.length) {
        const at = { byte: byte + rest, line: line + lines, lineOfBoth: lineOfBoth + lines };
        hold(stream, Buffer.from(data.subarray(rest)), at);
      }
    },
    finish: endAttempt,
    take() {
      const taken = hits;
      hits = [];
      return { hits: taken, found: { ...found }, searched: { ...searched } };
    },
  };
}

function shownOf(line: Buffer, finder: LineFinder, behind: number): Pick<RawHit, 'text' | 'textFrom' | 'matches'> {
  const matches = finder.matches(line, matchesShown);
  const [first = 0] = matches[0] ?? [];
  let from = line.length <= textBytes ? 0 : Math.max(0, Math.min(first - textBefore, line.length - textBytes));
  let to = Math.min(line.length, from + textBytes);
  while (from > 0 && from < to && isWithinCharacter(line, from)) from++;
  while (to < line.length && to > from && isWithinCharacter(line, to)) to--;
  return {
    text: line.toString('utf8', from, to),
    textFrom: behind + from,
    matches: matches
      .filter(([start]) => start < to)
      .map(([start, end]): [number, number] => [behind + start, behind + Math.min(end, to)]),
  };
}

/** Lines that the bytes are part of. */
function linesIn(data: Buffer): number {
  let count = data.at(-1) === newline ? 0 : 1;
  for (let at = data.indexOf(newline); at >= 0; at = data.indexOf(newline, at + 1)) count++;
  return count;
}

function isWithinCharacter(line: Buffer, at: number): boolean {
  return ((line[at] ?? 0) & 0xc0) === 0x80;
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}
