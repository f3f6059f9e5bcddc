import { parseSelector } from '@omanager/contract';
import { expect, it } from 'vitest';
import { readQuery, readView, selectorOf, writeView } from './view.ts';

it('keeps the view in the address', () => {
  const view = readView(
    new URLSearchParams('env=prod&group=web%2Fwww&q=label%3Ax&only=not_ok&sort=last_run&desc=1&host=a'),
  );
  expect(view).toEqual({
    environment: 'prod',
    group: 'web/www',
    zone: null,
    query: 'label:x',
    only: 'not_ok',
    sort: 'last_run',
    descending: true,
    host: 'a',
  });
  expect(readView(writeView(view))).toEqual(view);
  expect(readView(new URLSearchParams('only=rubbish&sort=rubbish'))).toMatchObject({ only: null, sort: 'name' });
});

it('reads a word as part of a name, and all else as a selector with its message', () => {
  expect(readQuery(' web-0 ').selector).toBe('*web-0*');
  expect(readQuery('').selector).toBe('*');
  expect(readQuery('web-[01-03] & !env:lab').selector).toBe('web-[01-03] & !env:lab');
  expect(readQuery('label:').error?.code).toBe('SELECTOR_INVALID');
});

it('joins tree, zone and query to one selector that means the same', () => {
  const view = { environment: 'prod', group: 'web/on line', zone: null };
  const selector = selectorOf(view, 'a, b');
  expect(selector).toBe('env:prod & group:"web/on line" & (a, b)');
  expect(parseSelector(selector)).toMatchObject({ kind: 'and', of: [{}, {}, { kind: 'or' }] });
  expect(selectorOf({ environment: null, group: null, zone: null }, '*')).toBe('*');
});
