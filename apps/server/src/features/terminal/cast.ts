import { StringDecoder } from 'node:string_decoder';

/** Longest text of one event: a line stays small however much arrives at once. */
const maxEventChars = 16_384;

export interface CastHeader {
  cols: number;
  rows: number;
  startedAt: number;
  title: string;
}

/**
 * The lines of an asciicast file, version 2 (https://docs.asciinema.org/manual/asciicast/v2/). Output is text there:
 * a character that is cut between two pieces waits for its rest, and bytes that are no UTF-8 become U+FFFD.
 */
export function createCast({ cols, rows, startedAt, title }: CastHeader) {
  const decoders = { o: new StringDecoder('utf8'), i: new StringDecoder('utf8') };
  const event = (at: number, code: string, data: string) =>
    `${JSON.stringify([Math.max(0, at - startedAt) / 1000, code, data])}\n`;

  function text(at: number, code: 'o' | 'i', data: string): string {
    let lines = '';
    for (let from = 0; from < data.length; ) {
      let to = Math.min(data.length, from + maxEventChars);
      // Half a surrogate pair would not be text.
      if (to < data.length && /[\uD800-\uDBFF]/.test(data[to - 1] ?? '')) to--;
      lines += event(at, code, data.slice(from, to));
      from = to;
    }
    return lines;
  }

  return {
    header: `${JSON.stringify({ version: 2, width: cols, height: rows, timestamp: Math.floor(startedAt / 1000), title, env: { TERM: 'xterm-256color' } })}\n`,
    output: (at: number, data: Buffer) => text(at, 'o', decoders.o.write(data)),
    input: (at: number, data: Buffer) => text(at, 'i', decoders.i.write(data)),
    resize: (at: number, size: { cols: number; rows: number }) => event(at, 'r', `${size.cols}x${size.rows}`),
    marker: (at: number) => event(at, 'm', ''),
    /** What still waits for the rest of a character. */
    end: (at: number) => text(at, 'o', decoders.o.end()),
  };
}
