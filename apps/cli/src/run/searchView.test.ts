import type { Diff, SearchHit } from '@omanager/contract';
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { render, type Text } from '../io/text.ts';
import { diffLines, hitLine } from './searchView.ts';

const plain = (text: Text): string => render(text, { colors: pc.createColors(false), raw: false });
/** Matches stand in brackets where a terminal has them red. */
const marks = { ...pc.createColors(false), red: (text: unknown) => `[${String(text)}]` };
const withMarks = (text: Text): string => render(text, { colors: marks, raw: false });

const hit = (rest: Partial<SearchHit>): SearchHit => ({
  ordinal: 0,
  name: 'web-01',
  attempt: 1,
  stream: 'stdout',
  line: 3,
  lineOfBoth: 5,
  byte: 40,
  text: 'disk full on sda',
  textFrom: 0,
  matches: [[5, 9]],
  ...rest,
});
const both = { oneStream: false, attempts: false };

it.each([
  [hit({}), both, 'web-01:5: disk [full] on sda'],
  [hit({ stream: 'stderr' }), both, 'web-01:5! disk [full] on sda'],
  [hit({}), { oneStream: true, attempts: true }, 'web-01#1:3: disk [full] on sda'],
  [
    hit({
      textFrom: 100,
      matches: [
        [105, 109],
        [10, 12],
      ],
    }),
    both,
    'web-01:5: … disk [full] on sda',
  ],
  [hit({ text: '磁盘满了', matches: [[6, 9]] }), both, 'web-01:5: 磁盘[满]了'],
  // Counted in bytes that this text no longer has: better no mark than a torn character.
  [hit({ text: '磁盘', matches: [[1, 2]] }), both, 'web-01:5: 磁盘'],
  [hit({ text: 'a\x1b]0;x', matches: [[1, 2]] }), both, 'web-01:5: a[\\x1b]]0;x'],
  [hit({ text: 'abc', matches: [[2, 99]] }), both, 'web-01:5: ab[c]'],
  [hit({ text: '', matches: [[0, 0]] }), both, 'web-01:5: '],
])('shows a hit as grep does: %#', (one, options, shown) => {
  expect(withMarks(hitLine(one, options))).toBe(shown);
});

const side = (name: string, count: number) => ({ ordinal: 0, name, attempt: 1, fold: 'f', count });
const nothingCut = { input: false, hunks: false, lines: false, detail: false };

it('shows differences as diff does, and says what is not shown', () => {
  const diff: Diff = {
    left: side('web-01', 38),
    right: side('web-39', 1),
    equal: false,
    hunks: [
      {
        stream: 'stdout',
        leftLine: 2,
        rightLine: 3,
        lines: [
          { kind: 'both', text: 'same' },
          { kind: 'left', text: 'nginx/1.26' },
          { kind: 'right', text: 'nginx/1.24\x1b[0m' },
        ],
      },
    ],
    cut: { ...nothingCut, hunks: true },
  };
  expect(diffLines(diff).map(plain)).toEqual([
    '--- web-01 and 37 servers like it',
    '+++ web-39',
    '@@ stdout, line 2 and 3 @@',
    '  same',
    '- nginx/1.26',
    '+ nginx/1.24\\x1b[0m',
    '… there are more differences than shown',
  ]);
  expect(
    diffLines({ ...diff, equal: true, hunks: [], cut: nothingCut })
      .map(plain)
      .at(-1),
  ).toBe('They are equal.');
});
