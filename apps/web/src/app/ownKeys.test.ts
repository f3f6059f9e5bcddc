import { expect, it } from 'vitest';
import { isTaken, keysNow, sharedWith } from './ownKeys.ts';

it('takes a person’s own keys, also none, before the usual ones', () => {
  expect(keysNow('palette', false, {})).toEqual(['Ctrl+K']);
  expect(keysNow('palette', false, { palette: ['Alt+P'] })).toEqual(['Alt+P']);
  expect(keysNow('palette', false, { palette: [] })).toEqual([]);
});

it('says what else the same strokes mean, also where one is the beginning of the other', () => {
  expect(sharedWith('palette', 'Ctrl+B', false, {})).toEqual(['sidebar']);
  expect(sharedWith('palette', 'Ctrl+B', false, { sidebar: ['Alt+B'] })).toEqual([]);
  expect(sharedWith('wrap', 'y', false, {})).toEqual(['copyLines', 'copyLink', 'copyHosts']);
  expect(sharedWith('wrap', 'w q', false, {})).toEqual([]);
  expect(sharedWith('find', 'w q', false, {})).toEqual(['wrap']);
});

it('leaves alone what input methods and browsers own', () => {
  expect(['Ctrl+W', 'Ctrl+Shift+F', 'Ctrl+.', 'Tab'].map(isTaken)).toEqual([true, true, true, true]);
  expect(isTaken('Alt+W')).toBe(false);
});
