import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewChunk } from '../output/output.ts';
import { linesOf, pieces } from '../testing/outputPieces.ts';
import { createRunBudget } from './budget.ts';
import { createHostOutput } from './hostOutput.ts';

function collect(capBytes = 1_000_000) {
  const chunks: NewChunk[] = [];
  const budget = createRunBudget({ capBytes }).host();
  const output = createHostOutput({ ordinal: 4, attempt: 2, budget, emit: (chunk) => void chunks.push(chunk) });
  return { chunks, output };
}

describe('the output of a host', () => {
  it('is cut into chunks that know what stands before them', () => {
    fc.assert(
      fc.property(pieces, (given) => {
        const { chunks, output } = collect();
        for (const { stream, data } of given) void output.write(stream, data);
        output.finish(0);
        const before = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };
        chunks.forEach((chunk, at) => {
          expect(chunk).toMatchObject({ ordinal: 4, attempt: 2, seq: at + 1, before });
          before[`${chunk.stream}Bytes`] += chunk.data.length;
          before[`${chunk.stream}Lines`] += chunk.lines;
        });
        const of = (stream: 'stdout' | 'stderr') => given.filter((piece) => piece.stream === stream);
        for (const stream of ['stdout', 'stderr'] as const) {
          expect(Buffer.concat(chunks.filter((chunk) => chunk.stream === stream).map(({ data }) => data))).toEqual(
            Buffer.concat(of(stream).map(({ data }) => data)),
          );
          expect(before[`${stream}Lines`]).toBe(linesOf(of(stream)).length);
        }
      }),
    );
  });

  it('says once where a limit cut it, at the place where it did', () => {
    const { chunks, output } = collect(10);
    void output.write('stdout', Buffer.from('12345\n'));
    void output.write('stderr', Buffer.from('123456789'));
    void output.write('stdout', Buffer.from('never kept'));
    const sums = output.finish(0);
    expect(chunks.map(({ stream, data }) => [stream, Buffer.from(data).toString()])).toEqual([
      ['stdout', '12345\n'],
      ['stderr', '1234'],
      ['stderr', ''],
    ]);
    expect(sums).toMatchObject({ stdoutBytes: 16, stderrBytes: 9, discardedBytes: 15 });
  });

  it('comes in chunks of a bounded size, however much was written at once', () => {
    const { chunks, output } = collect(10_000_000);
    void output.write('stdout', Buffer.alloc(1_200_000, 'x'));
    output.finish(0);
    expect(Math.max(...chunks.map(({ data }) => data.length))).toBeLessThanOrEqual(65_536);
    expect(chunks.reduce((sum, { data }) => sum + data.length, 0)).toBe(1_200_000);
  });
});
