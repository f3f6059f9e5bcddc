import { OmError, type OutputLine } from '@omanager/contract';
import { expect, it } from 'vitest';
import { createLineSource, type LineRequest } from './lineSource.ts';

const timeOf = (line: number) => new Date(Math.floor((line - 1) / 10) * 1000).toISOString();

/** An output of so many lines, answered in pages of at most `cap` lines. */
function output(size: { lines: number; cap: number; text?: string }) {
  const asked: LineRequest[] = [];
  const line = (number: number): OutputLine => ({
    ...{
      line: number,
      stream: 'stdout',
      byte: number * 2,
      bytes: 2,
      text: `${size.text ?? 'line'} ${number}`,
      end: 'newline',
    },
  });
  const load = async (at: LineRequest, limit: number) => {
    asked.push(at);
    const count = Math.min(limit, size.cap);
    const from = at.kind === 'end' ? Math.max(1, size.lines - count + 1) : at.line;
    const to = Math.min(size.lines, from + count - 1);
    return {
      lines: Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => line(from + i)),
      // Ten lines came at once, each time.
      times: Array.from({ length: Math.ceil(to / 10) - Math.floor((from - 1) / 10) }, (_, i) => {
        const ten = Math.floor((from - 1) / 10) + i;
        return { line: Math.max(from, ten * 10 + 1), at: timeOf(ten * 10 + 1) };
      }),
      next: to < size.lines ? to + 1 : null,
      totals: { first: 1, lines: size.lines, bytes: size.lines * 2 },
      ...{ discardedBytes: 0, cut: false, over: true },
    };
  };
  return { asked, load };
}

const asError = (error: unknown) => (error instanceof OmError ? error : new OmError('INTERNAL'));
/** All that was begun is over: nothing here waits for more than promises. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('opens a log of a million lines with one page, and the last line with no other', async () => {
  const { load, asked } = output({ lines: 1_000_000, cap: 300 });
  const source = createLineSource(load, asError);
  source.refresh();
  await settled();
  expect(source.totals?.lines).toBe(1_000_000);
  source.want(999_960, 1_000_000);
  await settled();
  expect(source.line(1_000_000)?.text).toBe('line 1000000');
  expect(asked).toEqual([{ kind: 'end' }]);
});

it('loads what is looked at, also where a page holds fewer lines than asked for', async () => {
  const { load } = output({ lines: 5000, cap: 7 });
  const source = createLineSource(load, asError);
  source.refresh();
  source.want(1000, 1050);
  await settled();
  for (let number = 1000; number <= 1050; number++) expect(source.line(number)?.text).toBe(`line ${number}`);
  expect(source.line(2000)).toBeUndefined();
});

it('keeps a bounded number of lines, and those that are looked at', async () => {
  const { load } = output({ lines: 100_000, cap: 300 });
  const source = createLineSource(load, asError);
  source.refresh();
  await settled();
  for (let from = 1; from < 60_000; from += 300) {
    source.want(from, from + 299);
    await settled();
    expect(source.line(from + 299)).toBeDefined();
  }
  let kept = 0;
  for (let number = 1; number <= 100_000; number++) if (source.line(number)) kept += 1;
  expect(kept).toBeLessThanOrEqual(20_000);
});

it('sees what was added when told to look again, and recovers from an error', async () => {
  const size = { lines: 10, cap: 300 };
  const { load } = output(size);
  let broken = true;
  const source = createLineSource(async (at, limit) => {
    if (broken) throw new OmError('BUSY');
    return load(at, limit);
  }, asError);
  source.refresh();
  await settled();
  expect(source.error?.code).toBe('BUSY');
  broken = false;
  source.refresh();
  await settled();
  size.lines = 20;
  source.refresh();
  await settled();
  expect([source.error, source.totals?.lines, source.line(20)?.text]).toEqual([null, 20, 'line 20']);
});

it('knows of each line when it arrived, from whichever page it came', async () => {
  const source = createLineSource(output({ lines: 100, cap: 7 }).load, asError);
  source.refresh();
  source.want(3, 45);
  await settled();
  for (let number = 3; number <= 45; number++)
    expect([number, source.line(number)?.at]).toEqual([number, timeOf(number)]);
});

it('loads again what is read otherwise, and takes nothing that was on its way', async () => {
  const size: Parameters<typeof output>[0] = { lines: 1000, cap: 300 };
  const { load } = output(size);
  const source = createLineSource(load, asError);
  source.refresh();
  source.want(1, 40);
  await settled();
  size.text = 'old';
  source.want(500, 540);
  size.text = 'new';
  source.restart();
  expect([source.totals?.lines, source.line(1)]).toEqual([1000, undefined]);
  await settled();
  expect(source.line(500)?.text).toBe('new 500');
  source.want(1, 40);
  await settled();
  expect(source.line(1)?.text).toBe('new 1');
});
