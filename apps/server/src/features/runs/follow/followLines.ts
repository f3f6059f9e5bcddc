import { TextDecoder } from 'node:util';
import type { OutputStream } from '../output/outputCounts.ts';

/** A stored chunk, as the merged view reads it. */
export interface ArrivedChunk {
  ordinal: number;
  attempt: number;
  seq: number;
  stream: OutputStream;
  at: number;
  arrival: number;
  data: Uint8Array;
  /** Bytes of its stream, and lines that begin, before it and in it. */
  before: StreamPlace;
  lines: number;
  /** It begins with a line, not somewhere in one. */
  begins: boolean;
}

export interface StreamPlace {
  bytes: number;
  lines: number;
}

/** Chunks of one stream that are not read: where they end, and how many lines begin in them. */
export interface Unread {
  ordinal: number;
  attempt: number;
  stream: OutputStream;
  end: StreamPlace;
  lines: number;
}

export interface FollowedLine {
  ordinal: number;
  stream: OutputStream;
  at: number;
  text: string;
  /** The chunk that completed the line, and the how-manieth line of that chunk it is. */
  arrival: number;
  index: number;
}

/** A longer line comes in pieces. */
const maxLineChars = 8 * 1024;
/** Beginnings of lines that wait for their end, over all hosts; when there are more, they are shown as they are. */
const maxOpenChars = 4 * 1024 * 1024;

interface OpenLine {
  decoder: TextDecoder;
  text: string;
  /** Up to where the stream was read, or left out. */
  place: StreamPlace;
  /** What stands before the place was left out. */
  leftOut: boolean;
  /** The beginning of its line was not read: what comes up to the next newline is no whole line. */
  headless: boolean;
}

interface HostLines {
  attempt: number;
  streams: Partial<Record<OutputStream, OpenLine>>;
}

/** Puts the chunks of many hosts together to lines, in the order in which the lines were completed. */
export function createLineMerger() {
  const hosts = new Map<number, HostLines>();
  let openChars = 0;
  let skipped = 0;
  /** The last line's arrival and how many lines that arrival has given so far. */
  let arrival = 0;
  let index = 0;

  function line(ordinal: number, stream: OutputStream, at: number, text: string): FollowedLine {
    return { ordinal, stream, at, text, arrival, index: index++ };
  }

  function hostOf(
    { ordinal, attempt }: Pick<ArrivedChunk, 'ordinal' | 'attempt'>,
    at: number,
    out: FollowedLine[],
  ): HostLines {
    const known = hosts.get(ordinal);
    if (known?.attempt === attempt) return known;
    if (known) out.push(...close(ordinal, at));
    const fresh: HostLines = { attempt, streams: {} };
    hosts.set(ordinal, fresh);
    return fresh;
  }

  function openOf({ streams }: HostLines, { stream, before, begins }: ArrivedChunk): OpenLine {
    const known = streams[stream];
    if (known?.place.bytes === before.bytes && !known.leftOut) return known;
    if (known) {
      // Chunks are missing in between, or were left out: what was open is no whole line.
      skipped += before.lines - known.place.lines;
      forget(known);
    }
    const fresh = openLine(before, !begins);
    streams[stream] = fresh;
    return fresh;
  }

  function forget(open: OpenLine): void {
    openChars -= open.text.length;
    open.text = '';
  }

  /** What is left of a host that writes no more. */
  function close(ordinal: number, at: number): FollowedLine[] {
    const known = hosts.get(ordinal);
    hosts.delete(ordinal);
    const lines: FollowedLine[] = [];
    for (const stream of ['stdout', 'stderr'] as const) {
      const open = known?.streams[stream];
      if (open && open.text !== '') lines.push(line(ordinal, stream, at, open.text));
      if (open) forget(open);
    }
    return lines;
  }

  return {
    knows: ({ ordinal, attempt, stream }: ArrivedChunk): boolean => {
      const known = hosts.get(ordinal);
      return known?.attempt === attempt && known.streams[stream] !== undefined;
    },

    /** The beginning of its first line, which stands in chunks before it. */
    seed(chunk: ArrivedChunk, text: string): FollowedLine[] {
      const lines: FollowedLine[] = [];
      hostOf(chunk, chunk.at, lines).streams[chunk.stream] = openLine(chunk.before, false, text);
      openChars += text.length;
      return lines;
    },

    /** Counts what will not be read, so that reading goes on behind it. */
    leaveOut({ ordinal, attempt, stream, end, lines: unread }: Unread, at: number): FollowedLine[] {
      const lines: FollowedLine[] = [];
      const { streams } = hostOf({ ordinal, attempt }, at, lines);
      const known = streams[stream];
      skipped += known ? end.lines - known.place.lines : unread;
      if (known) forget(known);
      streams[stream] = { ...openLine(end, false), leftOut: true };
      return lines;
    },

    /** The lines that this chunk completes; chunks come in order of arrival. */
    push(chunk: ArrivedChunk): FollowedLine[] {
      const lines: FollowedLine[] = [];
      if (chunk.arrival !== arrival) [arrival, index] = [chunk.arrival, 0];
      const { ordinal, stream, at } = chunk;
      const open = openOf(hostOf(chunk, at, lines), chunk);
      open.place = { bytes: open.place.bytes + chunk.data.length, lines: open.place.lines + chunk.lines };
      const before = open.text.length;
      const texts = (open.text + open.decoder.decode(chunk.data, { stream: true })).split('\n');
      open.text = detached(texts.pop() ?? '');
      if (open.headless && texts.length > 0) texts.shift();
      if (texts.length > 0) open.headless = false;
      if (open.headless) open.text = '';
      while (open.text.length >= maxLineChars) {
        texts.push(open.text.slice(0, maxLineChars));
        open.text = open.text.slice(maxLineChars);
      }
      openChars += open.text.length - before;
      for (const text of texts) for (const piece of piecesOf(text)) lines.push(line(ordinal, stream, at, piece));
      if (openChars > maxOpenChars) for (const each of [...hosts.keys()]) lines.push(...close(each, at));
      return lines;
    },

    /** Lines that began where nothing was read, since it was asked last. */
    takeSkipped(): number {
      const n = skipped;
      skipped = 0;
      return n;
    },

    close,
    closeAll: (at: number): FollowedLine[] => [...hosts.keys()].flatMap((ordinal) => close(ordinal, at)),
  };
}

export type LineMerger = ReturnType<typeof createLineMerger>;

function openLine(place: StreamPlace, headless: boolean, text = ''): OpenLine {
  return { decoder: new TextDecoder(), text, place, leftOut: false, headless };
}

/** A copy: a piece of a string would keep all of the string alive. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function piecesOf(text: string): string[] {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  if (line.length <= maxLineChars) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += maxLineChars) pieces.push(line.slice(at, at + maxLineChars));
  return pieces;
}
