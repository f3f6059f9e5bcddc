import { expect, it } from 'vitest';
import { ofOwn } from './ownModules.ts';

it('lists what somebody ran last in that order, without what is gone', () => {
  const modules = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const own = { favourites: [], recent: ['c', 'gone', 'a'] };
  expect(ofOwn(modules, 'recent', own).map(({ id }) => id)).toEqual(['c', 'a']);
  expect(ofOwn(modules, 'favourites', own)).toEqual([]);
});
