import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cellAt, layOut, placeBeside } from './cellLayout.ts';
import type { ServerGroup } from './groups.ts';

const groupsFor = (sizes: readonly number[]): ServerGroup[] => {
  let next = 0;
  return sizes.map((size, i) => ({ name: `g${i}`, ordinals: Array.from({ length: size }, () => next++) }));
};

it('finds every server under its own cell, at any width', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 60, max: 900 }), (all, width) => {
      const total = all.reduce((sum, size) => sum + size, 0);
      const layout = layOut(groupsFor(all), total, width);
      layout.order.forEach((ordinal, place) => {
        const [x = 0, y = 0] = [layout.x[place], layout.y[place]];
        expect(cellAt(layout, x + 1, y + 1)).toBe(ordinal);
        expect(layout.placeOf[ordinal]).toBe(place);
        expect(y + layout.size).toBeLessThanOrEqual(layout.height);
      });
    }),
  );
});

it('moves by arrow keys within rows and between them, also into another group', () => {
  const layout = layOut(groupsFor([6, 3]), 9, 116 + 4 * 20);
  expect(layout.perRow).toBe(4);
  expect(placeBeside(layout, 0, 'ArrowRight')).toBe(1);
  expect(placeBeside(layout, 1, 'ArrowDown')).toBe(5);
  expect(placeBeside(layout, 3, 'ArrowDown')).toBe(5);
  expect(placeBeside(layout, 5, 'ArrowDown')).toBe(7);
  expect(placeBeside(layout, 8, 'ArrowUp')).toBe(5);
  expect(placeBeside(layout, 8, 'ArrowDown')).toBe(8);
  expect(placeBeside(layout, 0, 'ArrowUp')).toBe(0);
});
