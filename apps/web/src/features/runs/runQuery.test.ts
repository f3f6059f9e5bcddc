import { expect, it } from 'vitest';
import { filterOf, readQuery, writeQuery } from './runQuery.ts';

it('reads from the address what it wrote there', () => {
  const text = 'state=running%2Cfailed&by=me&server=web-01&module=a.b&env=prod&q=x+y&from=2026-11-01&to=2026-11-02';
  const query = readQuery(new URLSearchParams(text));
  expect(writeQuery(query).toString()).toBe(text);
  expect(filterOf(query, 'liu')).toMatchObject({ states: ['running', 'failed'], startedBy: 'liu', text: 'x y' });
  expect(filterOf(query, 'liu', { period: false })).not.toHaveProperty('from');
});

it('passes over what makes no sense', () => {
  const query = readQuery(new URLSearchParams('state=nonsense&from=yesterday&other=1&q=+'));
  expect(writeQuery(query).toString()).toBe('');
});
