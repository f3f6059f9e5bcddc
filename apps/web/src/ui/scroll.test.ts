import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scrollingOf } from './scroll.ts';

it('reaches the first and the last line exactly, for any number of lines', () => {
  fc.assert(
    fc.property(fc.nat(50_000_000), fc.integer({ min: 40, max: 3000 }), (count, view) => {
      const scrolling = scrollingOf(count, 18, view);
      expect(scrolling.height).toBeLessThanOrEqual(Math.max(8_000_000, view));
      expect(scrolling.lineAt(0)).toBe(0);
      const end = scrolling.lineAt(scrolling.height - view);
      expect(end).toBeCloseTo(Math.max(0, count - view / 18), 3);
    }),
  );
});

it('scrolls to a line and finds it there', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 5_000_000 }), fc.nat(100), (count, part) => {
      const scrolling = scrollingOf(count, 18, 600);
      const line = Math.floor(((count - 40) * part) / 100);
      expect(scrolling.lineAt(scrolling.topOf(line))).toBeCloseTo(line, 3);
    }),
  );
});
