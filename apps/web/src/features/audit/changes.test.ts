import { expect, it } from 'vitest';
import { changesOf } from './changes.ts';

it('shows the fields that differ', () => {
  const details = { before: { port: 22, name: 'a', labels: {} }, after: { port: 2222, name: 'a', labels: { x: '1' } } };
  expect(changesOf(details)).toEqual([
    { field: 'port', before: '22', after: '2222' },
    { field: 'labels', before: '{}', after: '{"x":"1"}' },
  ]);
});

it('shows what was added or removed, and nothing for other acts', () => {
  expect(changesOf({ after: { name: 'x', gone: null } })).toEqual([{ field: 'name', before: '', after: 'x' }]);
  expect(changesOf({ before: { name: 'x' } })).toEqual([{ field: 'name', before: 'x', after: '' }]);
  for (const other of [null, 'x', {}, { before: 3 }]) expect(changesOf(other)).toEqual([]);
});
