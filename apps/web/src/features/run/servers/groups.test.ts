import { expect, it } from 'vitest';
import { groupsOf } from './groups.ts';

const named = (...names: string[]) => names.map((name, ordinal) => ({ name, ordinal }));

it('groups servers whose names differ only in the number at the end', () => {
  expect(groupsOf(named('web-01', 'db1', 'web-02', 'db2', 'db3'))).toEqual([
    { name: 'web', ordinals: [0, 2] },
    { name: 'db', ordinals: [1, 3, 4] },
  ]);
});

it('makes one group of names that have little in common', () => {
  expect(groupsOf(named('ada', 'grace', 'edsger'))).toEqual([{ name: '', ordinals: [0, 1, 2] }]);
});
