import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hunksOf } from './diffHunks.ts';
import { diffLines } from './diffLines.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 25 });

/** Length of the longest common subsequence, by the book. */
function commonLength(left: readonly string[], right: readonly string[]): number {
  let row = new Array<number>(right.length + 1).fill(0);
  for (const a of left) {
    const next = [0];
    right.forEach((b, at) => {
      next.push(a === b ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('diffLines', () => {
  it('gives both sides back, and no shorter edit exists', () => {
    fc.assert(
      fc.property(lines, lines, (left, right) => {
        const { steps, shortest } = diffLines(left, right, 1000);
        expect(shortest).toBe(true);
        expect(steps.flatMap((step) => (step.kind === 'right' ? [] : [left[step.left]]))).toEqual(left);
        expect(steps.flatMap((step) => (step.kind === 'left' ? [] : [right[step.right]]))).toEqual(right);
        for (const step of steps) if (step.kind === 'both') expect(left[step.left]).toBe(right[step.right]);
        expect(steps.filter(({ kind }) => kind === 'both')).toHaveLength(commonLength(left, right));
      }),
      { numRuns: 1000 },
    );
  });

  it('is right, if not shortest, beyond its bound', () => {
    fc.assert(
      fc.property(lines, lines, fc.nat(6), (left, right, bound) => {
        const { steps } = diffLines(left, right, bound);
        expect(steps.flatMap((step) => (step.kind === 'right' ? [] : [left[step.left]]))).toEqual(left);
        expect(steps.flatMap((step) => (step.kind === 'left' ? [] : [right[step.right]]))).toEqual(right);
        for (const step of steps) if (step.kind === 'both') expect(left[step.left]).toBe(right[step.right]);
      }),
    );
  });
});

describe('hunks', () => {
  const numbers = Array.from({ length: 100 }, (_, n) => `line ${n + 1}`);
  const changed = numbers.toSpliced(9, 1, 'ten').toSpliced(49, 0, 'between');
  const budget = () => ({ lines: 500, bytes: 10_000, spent: false, cutLines: false });

  it('hold each change with the lines around it', () => {
    const { steps } = diffLines(numbers, changed, 1000);
    const hunks = hunksOf(steps, { stream: 'stdout', left: numbers, right: changed, context: 1 }, budget());
    expect(hunks).toEqual([
      {
        stream: 'stdout',
        leftLine: 9,
        rightLine: 9,
        lines: [
          { kind: 'both', text: 'line 9' },
          { kind: 'left', text: 'line 10' },
          { kind: 'right', text: 'ten' },
          { kind: 'both', text: 'line 11' },
        ],
      },
      {
        stream: 'stdout',
        leftLine: 49,
        rightLine: 49,
        lines: [
          { kind: 'both', text: 'line 49' },
          { kind: 'right', text: 'between' },
          { kind: 'both', text: 'line 50' },
        ],
      },
    ]);
  });

  it('are bounded, and say so', () => {
    const { steps } = diffLines(numbers, changed, 1000);
    const small = { ...budget(), lines: 2 };
    const hunks = hunksOf(steps, { stream: 'stdout', left: numbers, right: changed, context: 1 }, small);
    expect(hunks.map(({ lines }) => lines.length)).toEqual([2]);
    expect(small.spent).toBe(true);
  });
});
