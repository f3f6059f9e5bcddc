import type { LineTime, OutputChoice, OutputLine, ReadAs } from '@omanager/contract';
import { iso } from '../../../db/page.ts';
import type { OutputPlace, OutputStream } from './outputCounts.ts';
import { countAt } from './outputRows.ts';
import { readText, wholeCharacters } from './readText.ts';

interface Options {
  choice: OutputChoice;
  /** The first line of the page, or the byte of one stream that it begins with, wherever in a line that is. */
  from: { line: number } | { byte: number };
  limit: number;
  /** Of the texts together. */
  maxBytes: number;
  readAs: ReadAs;
}

interface Chunk {
  stream: OutputStream;
  data: Buffer;
  lines: number;
  before: OutputPlace;
  /** When it arrived. */
  at: number;
}

export interface LinePageBuilder {
  /** Takes the next chunk of the chosen streams. */
  add(chunk: Chunk): void;
  /** No further chunk can add anything. */
  isFull(): boolean;
  /** What is not ended is not read further. */
  cutOpen(): void;
  finish(): { lines: OutputLine[]; times: LineTime[] };
}

interface Growing extends Omit<OutputLine, 'text' | 'end' | 'encoding'> {
  parts: Buffer[];
  end: OutputLine['end'];
}

const newline = 10;
/** One line takes no more of a page. */
const maxLineBytes = 64 * 1024;

/** Collects the lines of a page from chunks. A line is listed where it begins, and may end in a later chunk of its stream. */
export function createLinePage({ choice, from, limit, maxBytes, readAs }: Options): LinePageBuilder {
  const lines: Growing[] = [];
  const times: LineTime[] = [];
  let timed = Number.NaN;
  const open: Partial<Record<OutputStream, Growing>> = {};
  let room = maxBytes;
  let full = false;

  function begin(stream: OutputStream, line: number, byte: number, at: number): void {
    full ||= lines.length >= limit || (room <= 0 && lines.length > 0);
    if (full) return;
    const growing: Growing = { line, stream, byte, bytes: 0, parts: [], end: 'open' };
    lines.push(growing);
    open[stream] = growing;
    if (at !== timed) times.push({ line, at: iso(at) });
    timed = at;
  }

  function grow(stream: OutputStream, data: Buffer): void {
    const line = open[stream];
    if (!line) return;
    const most = Math.min(room, maxLineBytes - line.bytes);
    const part = data.subarray(0, most);
    line.parts.push(part);
    line.bytes += part.length;
    room -= part.length;
    if (part.length < data.length) end(stream, 'cut');
  }

  function end(stream: OutputStream, how: OutputLine['end']): void {
    const line = open[stream];
    if (line) line.end = how;
    delete open[stream];
  }

  return {
    add({ stream, data, lines: starts, before, at: arrived }) {
      let line = countAt(before, choice, 'Lines');
      let at = 0;
      const skip = 'byte' in from ? Math.max(0, from.byte - before[`${stream}Bytes`]) : 0;
      let inLine = starts < startsWithin(data) + 1;
      while (at < data.length) {
        const found = data.indexOf(newline, at);
        const stop = found < 0 ? data.length : found;
        if (!inLine) line++;
        const wanted = 'line' in from ? line >= from.line : stop > skip || (found >= 0 && stop === skip);
        const first = 'byte' in from && lines.length === 0;
        // From a byte on the page begins within a line, else with the beginning of one.
        if (wanted && (first || !inLine))
          begin(stream, line, before[`${stream}Bytes`] + Math.max(at, first ? skip : 0), arrived);
        grow(stream, data.subarray(Math.max(at, first ? skip : 0), stop));
        if (found >= 0) end(stream, 'newline');
        inLine = found < 0;
        at = stop + 1;
      }
    },
    isFull: () => (full || lines.length >= limit) && Object.keys(open).length === 0,
    cutOpen() {
      for (const stream of ['stdout', 'stderr'] as const) end(stream, 'cut');
    },
    finish: () => ({ lines: lines.map((line) => toLine(line, readAs)), times }),
  };
}

/** Lines that begin after a newline within the bytes. */
function startsWithin(data: Buffer): number {
  let starts = 0;
  for (let at = data.indexOf(newline); at >= 0 && at < data.length - 1; at = data.indexOf(newline, at + 1)) starts++;
  return starts;
}

function toLine({ parts, ...line }: Growing, readAs: ReadAs): OutputLine {
  const whole = Buffer.concat(parts);
  const data = line.end === 'cut' ? whole.subarray(0, wholeCharacters(whole, readAs)) : whole;
  return { ...line, bytes: data.length, ...readText(data, readAs) };
}
