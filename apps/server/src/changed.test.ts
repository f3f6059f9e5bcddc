import { expect, it } from 'vitest';
import { changed } from './changed.ts';

it('names the fields that differ, whatever they hold', () => {
  const was = { name: 'web1', port: 22, labels: { a: '1' }, groups: ['x'], note: null };
  expect(changed(was, { ...was, port: 2222, labels: { a: '2' } })).toEqual({
    before: { port: 22, labels: { a: '1' } },
    after: { port: 2222, labels: { a: '2' } },
  });
  expect(changed(was, { ...was })).toEqual({ before: {}, after: {} });
  expect(changed(null, was)).toEqual({ after: was });
});
