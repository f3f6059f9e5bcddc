import { isUtf8 } from 'node:buffer';

/** Longest text of one event: a line stays small however much arrives at once. */
const maxEventChars = 16_384;
/** The same where the bytes stand beside the text. */
const maxRawBytes = 4096;

export interface CastHeader {
  cols: number;
  rows: number;
  startedAt: number;
  title: string;
}

/**
 * The lines of an asciicast file, version 2 (https://docs.asciinema.org/manual/asciicast/v2/). Output is text there: a
 * character that is cut between two pieces waits for its rest. Bytes that are no UTF-8 become U+FFFD, and an event `x`
 * after theirs, which players pass over, has them as base64: nothing that was shown is lost.
 */
export function createCast({ cols, rows, startedAt, title }: CastHeader) {
  const rest = { o: Buffer.alloc(0), i: Buffer.alloc(0) };
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

  function bytes(at: number, code: 'o' | 'i', data: Buffer): string {
    if (isUtf8(data)) return text(at, code, data.toString('utf8'));
    let lines = '';
    for (let from = 0; from < data.length; from += maxRawBytes) {
      const piece = data.subarray(from, from + maxRawBytes);
      lines += event(at, code, piece.toString('utf8')) + event(at, 'x', piece.toString('base64'));
    }
    return lines;
  }

  function add(at: number, code: 'o' | 'i', data: Buffer): string {
    const all = rest[code].length === 0 ? data : Buffer.concat([rest[code], data]);
    const whole = wholeCharacters(all);
    rest[code] = Buffer.from(all.subarray(whole));
    return bytes(at, code, all.subarray(0, whole));
  }

  return {
    header: `${JSON.stringify({ version: 2, width: cols, height: rows, timestamp: Math.floor(startedAt / 1000), title, env: { TERM: 'xterm-256color' } })}\n`,
    output: (at: number, data: Buffer) => add(at, 'o', data),
    input: (at: number, data: Buffer) => add(at, 'i', data),
    resize: (at: number, size: { cols: number; rows: number }) => event(at, 'r', `${size.cols}x${size.rows}`),
    marker: (at: number) => event(at, 'm', ''),
    /** What still waits for the rest of a character; and a marker, which Enter has without words, that says why it ends here. */
    end: (at: number, why: string, message: string | null) =>
      bytes(at, 'o', rest.o) + event(at, 'm', `ended: ${[why, message].filter(Boolean).join(', ')}`),
  };
}

/** Length without a character at the end whose rest may still come. */
function wholeCharacters(data: Buffer): number {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const byte = data[data.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? data.length - back : data.length;
  }
  return data.length;
}
