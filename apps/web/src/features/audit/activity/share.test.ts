import { describe, expect, it } from 'vitest';
import { levelOf, outsidePercent, short, sumOf } from './share.ts';

describe('counts of commands', () => {
  it('never round something to nothing, nor nearly all to all', () => {
    const percent = (inside: number, outside: number) => outsidePercent({ inside, outside });
    expect([percent(0, 0), percent(5, 0), percent(0, 5), percent(9999, 1), percent(1, 9999), percent(2, 1)]).toEqual([
      ...[0, 0, 100, 1, 99, 33],
    ]);
    expect([0, 1, 25, 26, 100].map((count) => levelOf(count, 100))).toEqual([0, 1, 1, 2, 4]);
    expect([0, 999, 1234, 9960, 35_400].map(short)).toEqual(['0', '999', '1.2k', '10.0k', '35k']);
    expect(
      sumOf([
        { inside: 1, outside: 2 },
        { inside: 3, outside: 4 },
      ]),
    ).toEqual({ inside: 4, outside: 6 });
  });
});
