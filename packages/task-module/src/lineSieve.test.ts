import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLineFilter, filteredChars, type LineFilter, type LineFilterSpec } from './lineFilter.ts';
import { createLineSieve } from './lineSieve.ts';

function filterOf(spec: LineFilterSpec): LineFilter {
  const filter = compileLineFilter(spec);
  if (typeof filter === 'string') throw new Error(filter);
  return filter;
}

/** Lets chunks through, pausing as often as `enough` says. */
function sieved(spec: LineFilterSpec, chunks: readonly Uint8Array[], enough: () => boolean = () => false) {
  const sieve = createLineSieve(filterOf(spec));
  const out: Uint8Array[] = [];
  for (const chunk of chunks) {
    let rest = chunk;
    do {
      const step = sieve.take(rest, enough);
      out.push(...step.kept);
      rest = step.rest;
    } while (rest.length > 0);
  }
  out.push(...sieve.finish());
  return { text: Buffer.concat(out).toString('utf8'), dropped: sieve.dropped };
}

/** Cuts bytes at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

describe('a line filter', () => {
  it('keeps what include finds and exclude does not', () => {
    const filter = filterOf({ include: 'err(or)?', exclude: 'debug' });
    expect(['an error', 'err', 'error debug', 'fine'].map(filter.keeps)).toEqual([true, true, false, false]);
  });

  it('ignores case when asked, in all alternatives', () => {
    const filter = filterOf({ include: 'warn|错误|fail', ignoreCase: true });
    expect(['WARN', '错误', 'FAILED', 'ok'].map(filter.keeps)).toEqual([true, true, true, false]);
  });

  it('without patterns keeps all', () => {
    expect(filterOf({ include: '', exclude: undefined }).keeps('')).toBe(true);
  });

  it.each([
    [{ include: '(' }, /^include: not a pattern/],
    [{ exclude: 'a(?=b)' }, /^exclude: not a pattern/],
    [{ include: '[a-z]{300}' }, /^include: the pattern is too large/],
  ])('refuses %j', (spec, expected) => expect(compileLineFilter(spec)).toMatch(expected));

  it('looks at the beginning of a very long line only', () => {
    const filter = filterOf({ include: 'end$' });
    expect(filter.keeps(`${'x'.repeat(filteredChars)}end`)).toBe(false);
  });
});

describe('a line sieve', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '错', '\r', '😀'), maxLength: 8 });

  it('gives what a filter of whole lines gives, wherever the chunks are cut and however often it pauses', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        (lines, ended, places, pauses) => {
          const kept = (text: string) => text.includes('错') && !text.includes('b');
          const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
          const pieces = text.split(/(?<=\n)/);
          const expected = pieces.filter(kept).join('');
          const got = sieved(
            { include: '错', exclude: 'b' },
            cut(Buffer.from(text), places),
            () => pauses.next().value === true,
          );
          expect(got.text).toBe(expected);
          expect(got.dropped).toBe(pieces.filter((piece) => piece !== '' && !kept(piece)).length);
        },
      ),
    );
  });

  it('holds no long line: its beginning decides, and all of it follows', () => {
    const long = (word: string) => `${word} ${'x'.repeat(100_000)}`;
    const text = `${long('keep')}\n${long('drop')}\nkeep\n`;
    const chunks = cut(
      Buffer.from(text),
      [...Array(20).keys()].map((i) => i * 9_999),
    );
    expect(sieved({ include: 'keep' }, chunks)).toEqual({ text: `${long('keep')}\nkeep\n`, dropped: 1 });
  });

  it('lets bytes through that are no text', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x61, 0x0a, 0x00, 0x62, 0x0a]);
    const sieve = createLineSieve(filterOf({ include: 'a' }));
    expect(Buffer.concat(sieve.take(bytes, () => false).kept)).toEqual(bytes.subarray(0, 4));
  });
});
