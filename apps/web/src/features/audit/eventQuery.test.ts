import { expect, it } from 'vitest';
import { filterOf, readQuery, writeQuery } from './eventQuery.ts';

it('reads from the address what it wrote there', () => {
  const text = 'outcome=refused&actor=liu&action=runs.start&family=runs&object=run+1&q=x&from=2026-11-01&to=2026-11-02';
  const query = readQuery(new URLSearchParams(text));
  expect(writeQuery(query).toString()).toBe(text);
  const { from = '', to = '' } = filterOf(query);
  expect(Date.parse(to) - Date.parse(from)).toBeGreaterThan(40 * 3_600_000);
});

it('passes over what makes no sense', () => {
  const query = readQuery(new URLSearchParams('outcome=good&family=../x&from=x&other=1'));
  expect([writeQuery(query).toString(), filterOf(query)]).toEqual(['', {}]);
});
