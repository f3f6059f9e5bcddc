import { countUpTo, createNumbers } from './numbers.ts';

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** A recording as far as it has arrived. Its output is bytes, end to end, beside the times: no object for each event. */
export interface Cast extends Size {
  /** Events so far. */
  readonly count: number;
  /** Seconds since the beginning. */
  timeOf(event: number): number;
  /** Bytes of output before an event; before the one after the last: all. */
  startOf(event: number): number;
  /** The size that the terminal has from this event on, if it is a change. */
  sizeAt(event: number): Size | null;
  /** Enter was pressed. */
  isCommand(event: number): boolean;
  /** The output from one byte up to another, in as many pieces as it is kept in. */
  read(from: number, to: number): Uint8Array[];
}

export interface CastWriter {
  readonly cast: Cast;
  header(size: Size): void;
  /** False when it holds enough, and takes no more. */
  add(at: number, code: string, data: string): boolean;
}

/** More is not held by a page: the rest of such a recording is not shown. */
export const usualMost = { bytes: 256 * 1024 * 1024, events: 4_000_000 };
const blockBytes = 1024 * 1024;

export function createCastWriter(most = usualMost): CastWriter {
  let size: Size = { cols: 80, rows: 24 };
  const times = createNumbers('f64');
  const starts = createNumbers('u32');
  const sizes = new Map<number, Size>();
  const commands = new Set<number>();
  const blocks: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  const encoder = new TextEncoder();
  let bytes = 0;

  function keep(text: string): void {
    let last = blocks.at(-1);
    // No event lies in two blocks.
    if (!last || last.bytes.length - (bytes - last.start) < text.length * 3) {
      last = { start: bytes, bytes: new Uint8Array(Math.max(blockBytes, text.length * 3)) };
      blocks.push(last);
    }
    bytes += encoder.encodeInto(text, last.bytes.subarray(bytes - last.start)).written;
  }

  const cast: Cast = {
    get cols() {
      return size.cols;
    },
    get rows() {
      return size.rows;
    },
    get count() {
      return times.length;
    },
    timeOf: times.at,
    startOf: (event) => (event < starts.length ? starts.at(event) : bytes),
    sizeAt: (event) => sizes.get(event) ?? null,
    isCommand: (event) => commands.has(event),
    read(from, to) {
      const pieces: Uint8Array[] = [];
      const first = countUpTo(blocks.length, (index) => blocks[index]?.start ?? 0, from) - 1;
      for (let index = Math.max(0, first); index < blocks.length; index++) {
        const block = blocks[index];
        if (!block || block.start >= to) break;
        const end = Math.min(to, blocks[index + 1]?.start ?? bytes);
        if (end > from) pieces.push(block.bytes.subarray(Math.max(from, block.start) - block.start, end - block.start));
      }
      return pieces;
    },
  };

  return {
    cast,
    header: (of) => {
      size = of;
    },
    add(at, code, data) {
      if (bytes >= most.bytes || times.length >= most.events) return false;
      // Bytes of what was no text: players pass over it.
      if (code === 'x') return true;
      const event = times.length;
      times.push(at);
      starts.push(bytes);
      const changed = code === 'r' ? sizeOf(data) : null;
      if (changed) sizes.set(event, changed);
      // With words it says how the recording ends.
      if (code === 'm' && data === '') commands.add(event);
      if (code === 'o') keep(data);
      return true;
    },
  };
}

/** `132x43`, or null. */
export function sizeOf(data: string): Size | null {
  const [, cols, rows] = /^(\d{1,3})x(\d{1,3})$/.exec(data) ?? [];
  return cols === undefined || rows === undefined ? null : { cols: Number(cols), rows: Number(rows) };
}
