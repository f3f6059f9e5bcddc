import { expect, it } from 'vitest';
import { windowAt } from './rowWindow.ts';

it('holds what is in sight and some rows on each side, and changes only every few rows', () => {
  expect(windowAt(0, 280, 28)).toEqual({ from: 0, to: 22 });
  expect(windowAt(3 * 28, 280, 28)).toEqual(windowAt(0, 280, 28));
  expect(windowAt(4 * 28, 280, 28)).toEqual({ from: 0, to: 26 });
  for (let top = 0; top < 9000; top += 7) {
    const { from, to } = windowAt(top, 281, 28);
    expect(from * 28).toBeLessThanOrEqual(Math.max(0, top - 8 * 28));
    expect(to * 28).toBeGreaterThanOrEqual(top + 281 + 8 * 28);
    expect(to - from).toBeLessThanOrEqual(11 + 2 * 8 + 4);
  }
});

it('begins at the first row where the scroller is pulled beyond its end', () => {
  expect(windowAt(-80, 280, 28).from).toBe(0);
});
