import fc from 'fast-check';
import type { Database } from '../../../db/database.ts';
import { insertOutput } from '../output/output.ts';
import { createOutputCounts, type OutputStream } from '../output/outputCounts.ts';
import type { AttemptKey } from '../output/outputRows.ts';

/** For tests: output as it was cut into chunks. */
export interface Piece {
  stream: OutputStream;
  data: Buffer;
  /** When it arrived. */
  at?: number;
}

/** Output with few letters, so that lines and matches cross the borders of chunks often. */
export const pieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.record({
    stream: fc.constantFrom<OutputStream[]>('stdout', 'stdout', 'stderr'),
    data: fc
      .array(fc.constantFrom('a', 'b', 'ab', '\n', '\n\n', 'é', '漢', ' ', 'abc\n'), { minLength: 1, maxLength: 12 })
      .map((parts) => Buffer.from(parts.join(''))),
  }),
  { maxLength: 25 },
);

/** Cuts every piece anew, also within characters. */
export function recut(whole: readonly Piece[], sizes: readonly number[]): Piece[] {
  let next = 0;
  return whole.flatMap(({ stream, data }) => {
    const cut: Piece[] = [];
    for (let at = 0; at < data.length; ) {
      const size = sizes[next++ % sizes.length] ?? data.length;
      cut.push({ stream, data: data.subarray(at, at + size) });
      at += size;
    }
    return cut;
  });
}

export async function storePieces(db: Database, key: AttemptKey, given: readonly Piece[]): Promise<void> {
  const counts = createOutputCounts();
  const { ordinal, attempt } = key;
  const chunks = given.map(({ stream, data, at = 0 }, i) => ({
    at,
    chunk: { ...{ ordinal, attempt, seq: i + 1, stream, data }, ...counts.next(stream, data) },
  }));
  await db.transaction(async (tx) => {
    for (const [at, batch] of Map.groupBy(chunks, (one) => one.at))
      await insertOutput(
        tx,
        key.runId,
        batch.map(({ chunk }) => chunk),
        at,
      );
  });
}

export interface PlainLine {
  /** When its first byte arrived. */
  at: number;
  stream: OutputStream;
  byte: number;
  bytes: Buffer;
  newline: boolean;
}

/** The lines of output as anybody would define them, in the order in which they begin. */
export function linesOf(given: readonly Piece[], choice: 'both' | OutputStream = 'both'): PlainLine[] {
  const at = { stdout: 0, stderr: 0 };
  const open: Partial<Record<OutputStream, PlainLine>> = {};
  const lines: PlainLine[] = [];
  for (const { stream, data, at: arrived = 0 } of given) {
    for (const byte of data) {
      let line = open[stream];
      if (!line) {
        line = { at: arrived, stream, byte: at[stream], bytes: Buffer.alloc(0), newline: false };
        open[stream] = line;
        lines.push(line);
      }
      at[stream]++;
      if (byte === 10) {
        line.newline = true;
        delete open[stream];
      } else line.bytes = Buffer.concat([line.bytes, Buffer.from([byte])]);
    }
  }
  return lines.filter(({ stream }) => choice === 'both' || choice === stream);
}
