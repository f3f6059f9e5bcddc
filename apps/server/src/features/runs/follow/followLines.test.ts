import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutputCounts } from '../output/outputCounts.ts';
import { type ArrivedChunk, createLineMerger } from './followLines.ts';

const chunk = (change: Partial<ArrivedChunk>, text: string | Uint8Array): ArrivedChunk => ({
  ...{
    ordinal: 0,
    attempt: 1,
    seq: 1,
    stream: 'stdout',
    at: 0,
    arrival: 1,
    before: { bytes: 0, lines: 0 },
    lines: 0,
    begins: true,
  },
  ...change,
  data: typeof text === 'string' ? Buffer.from(text) : text,
});

describe('the merger of lines', () => {
  it('gives each host and stream its own lines, wherever chunks are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '错', '\n', '\r\n', '😀'), maxLength: 30 });
    const writes = fc.array(
      fc.record({
        ordinal: fc.nat(2),
        stream: fc.constantFrom('stdout' as const, 'stderr' as const),
        text,
        at: fc.nat(),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(writes, (all) => {
        const merger = createLineMerger();
        const counts = [0, 1, 2].map(() => createOutputCounts());
        const lines = all.flatMap(({ ordinal, stream, text, at }, arrival) => {
          const bytes = Buffer.from(text);
          const cut = bytes.length === 0 ? 0 : at % bytes.length;
          return [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((part, i) => {
            const place = counts[ordinal]?.next(stream, part);
            const before = { bytes: place?.before[`${stream}Bytes`] ?? 0, lines: place?.before[`${stream}Lines`] ?? 0 };
            return merger.push(chunk({ ordinal, stream, before, arrival: arrival * 2 + i + 1 }, part));
          });
        });
        lines.push(...merger.closeAll(0));
        for (const ordinal of [0, 1, 2]) {
          for (const stream of ['stdout', 'stderr'] as const) {
            const whole = all.filter((w) => w.ordinal === ordinal && w.stream === stream).map((w) => w.text);
            const expected = whole.join('').split('\n');
            if (expected.at(-1) === '') expected.pop();
            const got = lines.filter((line) => line.ordinal === ordinal && line.stream === stream);
            expect(got.map((line) => line.text)).toEqual(
              expected.map((line, i) => (i < whole.join('').split('\n').length - 1 ? line.replace(/\r$/, '') : line)),
            );
          }
        }
        // A cursor names each line once, and never goes back.
        const cursors = lines.map(({ arrival, index }) => [arrival, index] as const);
        for (const [i, [arrival, index]] of cursors.entries()) {
          const [before, last] = cursors[i - 1] ?? [0, -1];
          expect(arrival > before || (arrival === before && index === last + 1)).toBe(true);
        }
      }),
    );
  });

  it('leaves out what is not whole where chunks are missing, and only that', () => {
    const merger = createLineMerger();
    const texts = (change: Partial<ArrivedChunk>, text: string) =>
      merger.push(chunk(change, text)).map((line) => line.text);
    const at = (bytes: number, lines: number) => ({ before: { bytes, lines } });
    expect(texts({ lines: 2 }, 'one\ntw')).toEqual(['one']);
    expect(texts({ stream: 'stderr', lines: 1 }, 'to be ')).toEqual([]);
    expect(texts({ ...at(100, 7), begins: false, lines: 2 }, 'half a line\nthree\nfo')).toEqual(['three']);
    expect(merger.takeSkipped()).toBe(5);
    expect(texts({ ...at(200, 9), lines: 1 }, 'whole\n')).toEqual(['whole']);
    expect(texts({ stream: 'stderr', ...at(6, 1), begins: false }, 'continued\n')).toEqual(['to be continued']);
    expect(merger.takeSkipped()).toBe(0);
    const unread = { ordinal: 0, attempt: 1, stream: 'stdout' as const, lines: 3 };
    merger.leaveOut({ ...unread, end: { bytes: 300, lines: 14 } }, 0);
    expect(texts({ ...at(300, 14), begins: false, lines: 1 }, 'ead\nnext\n')).toEqual(['next']);
    expect(merger.takeSkipped()).toBe(4);
  });

  it('begins with the part of a line that was read elsewhere', () => {
    const merger = createLineMerger();
    const first = chunk({ before: { bytes: 2, lines: 1 }, begins: false }, 'llo\nworld\n');
    expect(merger.knows(first)).toBe(false);
    merger.seed(first, 'he');
    expect(merger.push(first).map(({ text }) => text)).toEqual(['hello', 'world']);
  });

  it('shows the end of one attempt before the next begins', () => {
    const merger = createLineMerger();
    merger.push(chunk({}, 'killed he'));
    expect(merger.push(chunk({ attempt: 2 }, 'again\n')).map(({ text }) => text)).toEqual(['killed he', 'again']);
  });

  it('cuts lines without end, and keeps few of their beginnings', () => {
    const merger = createLineMerger();
    const lines = [...Array(2000).keys()].flatMap((ordinal) =>
      merger.push(chunk({ ordinal, arrival: ordinal + 1 }, 'x'.repeat(8191))),
    );
    expect(lines.length).toBeGreaterThan(400);
    expect(merger.push(chunk({ ordinal: 9999, arrival: 9999 }, 'y'.repeat(20_000)))).toHaveLength(2);
  });
});
