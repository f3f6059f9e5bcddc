/** What the wrapper itself says, cut out of the stream it shares with the body's stderr. */
export type WrapperEvent =
  | { kind: 'start'; pid: number; bootId: string; startTime: string }
  | { kind: 'timeout' }
  /** The stream that says it is over; stderr also says the exit code. */
  | { kind: 'end'; exitCode: number | undefined };

const longestLine = 256;

/**
 * Finds lines that begin with the nonce, wherever they stand in the stream (the body may have written half a line before), and removes them.
 * Holds back only what may still become such a line.
 */
export function createStatusScanner(nonce: string) {
  const word = new TextEncoder().encode(`${nonce} `);
  const decoder = new TextDecoder();
  let held = new Uint8Array();

  function push(chunk: Uint8Array): { rest: Uint8Array; events: WrapperEvent[] } {
    const bytes = concat([held, chunk]);
    const rest: Uint8Array[] = [];
    const events: WrapperEvent[] = [];
    let from = 0;
    for (;;) {
      const at = indexOf(bytes, word, from);
      if (at < 0) {
        const keep = partialAtEnd(bytes, word, from);
        rest.push(bytes.subarray(from, bytes.length - keep));
        held = bytes.slice(bytes.length - keep);
        return { rest: concat(rest), events };
      }
      rest.push(bytes.subarray(from, at));
      const end = bytes.indexOf(10, at);
      if (end < 0 && bytes.length - at < longestLine) {
        held = bytes.slice(at);
        return { rest: concat(rest), events };
      }
      const stop = end < 0 ? bytes.length : end + 1;
      const event = parseEvent(decoder.decode(bytes.subarray(at + word.length, stop)).trimEnd());
      if (event) events.push(event);
      from = stop;
    }
  }

  /** What was held back when the stream ended. */
  function flush(): Uint8Array {
    const rest = held;
    held = new Uint8Array();
    return rest;
  }

  return { push, flush };
}

function parseEvent(text: string): WrapperEvent | undefined {
  const [kind, first = '', bootId = '', startTime = ''] = text.split(' ');
  if (kind === 'start') return { kind, pid: Number(first), bootId, startTime };
  if (kind === 'timeout') return { kind };
  if (kind === 'end') return { kind, exitCode: /^\d{1,3}$/.test(first) ? Number(first) : undefined };
  return undefined;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 1 && filled[0]) return filled[0];
  const whole = new Uint8Array(filled.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of filled) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function indexOf(bytes: Uint8Array, word: Uint8Array, from = 0): number {
  const first = word[0];
  if (first === undefined) return -1;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + word.length > bytes.length) return -1;
    let length = 1;
    while (length < word.length && bytes[at + length] === word[length]) length++;
    if (length === word.length) return at;
  }
  return -1;
}

/** How many bytes at the end could be the beginning of the word. */
function partialAtEnd(bytes: Uint8Array, word: Uint8Array, from: number): number {
  for (let length = Math.min(word.length - 1, bytes.length - from); length > 0; length--) {
    const start = bytes.length - length;
    let same = 0;
    while (same < length && bytes[start + same] === word[same]) same++;
    if (same === length) return length;
  }
  return 0;
}
