import { TextDecoder } from 'node:util';
import type { OutputStream } from './outputCounts.ts';

/** A stored chunk, as the merged view reads it. */
export interface ArrivedChunk {
  ordinal: number;
  attempt: number;
  seq: number;
  stream: OutputStream;
  at: number;
  arrival: number;
  data: Uint8Array;
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
  /** The beginning of its line was not read: what comes up to the next newline is no whole line. */
  headless: boolean;
}

interface HostLines {
  attempt: number;
  seq: number;
  streams: Partial<Record<OutputStream, OpenLine>>;
}

/** Puts the chunks of many hosts together to lines, in the order in which the lines were completed. */
export function createLineMerger() {
  const hosts = new Map<number, HostLines>();
  let openChars = 0;
  /** The last line's arrival and how many lines that arrival has given so far. */
  let arrival = 0;
  let index = 0;

  function line(ordinal: number, stream: OutputStream, at: number, text: string): FollowedLine {
    return { ordinal, stream, at, text, arrival, index: index++ };
  }

  function hostOf({ ordinal, attempt, seq }: ArrivedChunk, out: FollowedLine[], at: number): HostLines {
    const known = hosts.get(ordinal);
    if (known && known.attempt === attempt && known.seq === seq - 1) return known;
    if (known && known.attempt === attempt) {
      // Chunks are missing in between: neither the line that was open nor the one that is cut now is whole.
      for (const open of Object.values(known.streams)) forget(open);
      known.streams = { stdout: openLine(true), stderr: openLine(true) };
      return known;
    }
    if (known) out.push(...close(ordinal, at));
    const fresh: HostLines = { attempt, seq, streams: {} };
    hosts.set(ordinal, fresh);
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
    /** Whether this chunk continues a host whose chunks were read from the first on, or since `seed`. */
    knows: ({ ordinal, attempt }: Pick<ArrivedChunk, 'ordinal' | 'attempt'>): boolean =>
      hosts.get(ordinal)?.attempt === attempt,

    /** The beginning of a line that stands in chunks before the first one that will be pushed. */
    seed({ ordinal, attempt, seq }: ArrivedChunk, begun: Partial<Record<OutputStream, string>>): void {
      const streams: HostLines['streams'] = {};
      for (const stream of ['stdout', 'stderr'] as const) {
        streams[stream] = openLine(false, begun[stream] ?? '');
        openChars += begun[stream]?.length ?? 0;
      }
      hosts.set(ordinal, { attempt, seq: seq - 1, streams });
    },

    /** The first chunk that will be pushed begins somewhere in a line, and so may the first of the other stream. */
    beginInside({ ordinal, attempt, seq }: ArrivedChunk): void {
      hosts.set(ordinal, { attempt, seq: seq - 1, streams: { stdout: openLine(true), stderr: openLine(true) } });
    },

    /** The lines that this chunk completes; chunks come in order of arrival. */
    push(chunk: ArrivedChunk): FollowedLine[] {
      const lines: FollowedLine[] = [];
      if (chunk.arrival !== arrival) [arrival, index] = [chunk.arrival, 0];
      const { ordinal, stream, at } = chunk;
      const host = hostOf(chunk, lines, at);
      host.seq = chunk.seq;
      const open = host.streams[stream] ?? openLine(false);
      host.streams[stream] = open;
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

    close,
    closeAll: (at: number): FollowedLine[] => [...hosts.keys()].flatMap((ordinal) => close(ordinal, at)),
  };
}

export type LineMerger = ReturnType<typeof createLineMerger>;

function openLine(headless: boolean, text = ''): OpenLine {
  return { decoder: new TextDecoder(), text, headless };
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
