import { expect, it } from 'vitest';
import { comparisonOf, withComparison } from './comparison.ts';

const params = (text: string) => new URLSearchParams(text);

it('is what the address says, and nothing else', () => {
  expect(comparisonOf(params('against=most'))).toEqual({ against: 'most', by: 'masked' });
  expect(comparisonOf(params('against=12&by=exact'))).toEqual({ against: 12, by: 'exact' });
  for (const text of ['', 'against=', 'against=-1', 'against=1e3', 'by=exact'])
    expect(comparisonOf(params(text))).toBeNull();
});

it('leaves the rest of the address as it was', () => {
  expect(String(withComparison(params('attempt=2&by=exact'), { against: 3, by: 'masked' }))).toBe(
    'attempt=2&against=3',
  );
  expect(String(withComparison(params('attempt=2&against=3&by=exact'), null))).toBe('attempt=2');
});
