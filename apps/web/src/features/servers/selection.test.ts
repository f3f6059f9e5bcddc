import { expect, it } from 'vitest';
import { countOf, extend, isSelected, nothing, only, selectorOfSelection, toggle } from './selection.ts';

it('toggles one, extends by a range, and keeps the anchor', () => {
  const one = toggle(nothing, 'web-01', 4);
  expect(one).toMatchObject({ anchor: 4 });
  const more = extend(one, ['web-02', 'web-03']);
  expect(countOf(more)).toBe(3);
  expect(more).toMatchObject({ anchor: 4 });
  expect(selectorOfSelection(more)).toBe('web-[01-03]');
  expect(countOf(toggle(more, 'web-02', 5))).toBe(2);
  expect(selectorOfSelection(nothing)).toBe('');
});

it('of all that match is a selector, and one more click begins anew', () => {
  const all = { kind: 'matching', selector: 'env:prod', total: 1034 } as const;
  expect(countOf(all)).toBe(1034);
  expect(isSelected(all, 'anything')).toBe(true);
  expect(selectorOfSelection(all)).toBe('env:prod');
  expect(toggle(all, 'a', 0)).toEqual(only('a', 0));
});

it('refuses to spell more than a selector holds', () => {
  const names = Array.from({ length: 3000 }, (_, i) => `srv-${(i * 7919).toString(36)}-x`);
  expect(selectorOfSelection({ kind: 'names', names: new Set(names), anchor: null })).toBeNull();
});
