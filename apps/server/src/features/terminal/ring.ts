export interface Ring {
  /** Offset of the oldest byte that is kept, and that of the next one. */
  readonly start: number;
  readonly end: number;
  append(data: Buffer): void;
  /** At most so many bytes from there on; empty at the end. `from` must not lie before `start`. */
  read(from: number, maxBytes: number): Buffer;
  /** Forgets what lies before. */
  forget(before: number): void;
}

/** The last bytes of an endless output, by their place in it. */
export function createRing(): Ring {
  const pieces: { from: number; data: Buffer }[] = [];
  let start = 0;
  let end = 0;
  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    append(data) {
      pieces.push({ from: end, data });
      end += data.length;
    },
    read(from, maxBytes) {
      const parts: Buffer[] = [];
      let left = maxBytes;
      for (const piece of pieces) {
        if (left <= 0) break;
        if (piece.from + piece.data.length <= from) continue;
        const part = piece.data.subarray(Math.max(0, from - piece.from)).subarray(0, left);
        parts.push(part);
        left -= part.length;
      }
      return Buffer.concat(parts);
    },
    forget(before) {
      for (let [first] = pieces; first && first.from + first.data.length <= before; [first] = pieces) pieces.shift();
      start = pieces[0]?.from ?? end;
    },
  };
}
