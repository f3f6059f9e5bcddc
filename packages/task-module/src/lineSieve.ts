import type { LineFilter } from './lineFilter.ts';

export interface LineSieve {
  /**
   * Takes bytes of one stream and answers those of the lines that are kept. Stops early when `enough` says so;
   * `rest` is then still to be given, before anything else.
   */
  take(bytes: Uint8Array, enough: () => boolean): { kept: Uint8Array[]; rest: Uint8Array };
  /** The last line, if it has no end and is kept. */
  finish(): Uint8Array[];
  /** Lines that were dropped so far. */
  readonly dropped: number;
}

/** A line that is longer is decided by so many bytes; the rest of it follows without being held. */
const maxHeld = 16 * 1024;
const newline = 0x0a;

/** Lets only the lines of a byte stream through that the filter keeps; chunks may end anywhere, also inside a character. */
export function createLineSieve(filter: LineFilter): LineSieve {
  const decoder = new TextDecoder();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  /** What was decided about the line whose end has not come yet; undefined: it is still held. */
  let decided: boolean | undefined;
  let dropped = 0;

  /** Decides about the held line, of which `end` is the last that is known. */
  function decide(end: Uint8Array): boolean {
    const begin = held.map((part) => decoder.decode(part, { stream: true })).join('');
    const text = begin + decoder.decode(end);
    const kept = filter.keeps(text.endsWith('\r') ? text.slice(0, -1) : text);
    if (!kept) dropped++;
    return kept;
  }

  function release(end: Uint8Array): Uint8Array[] {
    const all = [...held, end];
    held = [];
    heldBytes = 0;
    return all;
  }

  return {
    take(bytes, enough) {
      const kept: Uint8Array[] = [];
      let from = 0;
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
        const keep = decided ?? decide(bytes.subarray(from, end));
        const line = release(bytes.subarray(from, end + 1));
        if (keep) kept.push(...line);
        decided = undefined;
        from = end + 1;
        if (enough()) return { kept, rest: bytes.subarray(from) };
      }
      const open = bytes.subarray(from);
      if (open.length === 0) return { kept, rest: open };
      if (decided === undefined && heldBytes + open.length >= maxHeld) {
        decided = decide(open);
        const line = release(open);
        if (decided) kept.push(...line);
      } else if (decided === undefined) {
        held.push(Uint8Array.from(open));
        heldBytes += open.length;
      } else if (decided) kept.push(open);
      return { kept, rest: open.subarray(open.length) };
    },
    finish() {
      if (heldBytes === 0) return [];
      const keep = decide(new Uint8Array());
      const line = release(new Uint8Array());
      return keep ? line.filter(({ length }) => length > 0) : [];
    },
    get dropped() {
      return dropped;
    },
  };
}
