import { expect, it } from 'vitest';
import { isSingle, type Pressed, strokeOf, strokesOf } from './keyStroke.ts';
import { combosOf, keyNames } from './keys.ts';

const press = (key: string, held: Partial<Pressed> = {}): Pressed => ({
  ...{ key, code: '', ctrlKey: false, altKey: false, shiftKey: false, metaKey: false },
  ...held,
});

it('says what was pressed as the table writes it', () => {
  expect(strokeOf(press('k', { ctrlKey: true }), false)).toBe('Ctrl+K');
  expect(strokeOf(press('k', { metaKey: true }), true)).toBe('Ctrl+K');
  expect(strokeOf(press('P', { ctrlKey: true, shiftKey: true }), false)).toBe('Ctrl+Shift+P');
  expect(strokeOf(press('R', { shiftKey: true }), false)).toBe('Shift+R');
  expect(strokeOf(press('?', { shiftKey: true }), false)).toBe('?');
  expect(strokeOf(press('л', { ctrlKey: true, code: 'KeyK' }), false)).toBe('Ctrl+K');
  expect(strokeOf(press('¬', { altKey: true, code: 'KeyL' }), true)).toBe('Alt+L');
  expect(strokeOf(press('F3', { shiftKey: true }), false)).toBe('Shift+F3');
});

it('hears nothing in AltGr, in a modifier alone and in another modifier', () => {
  expect(strokeOf(press('@', { ctrlKey: true, altKey: true }), false)).toBeNull();
  expect(strokeOf(press('Shift', { shiftKey: true }), false)).toBeNull();
  expect(strokeOf(press('Process'), false)).toBeNull();
  expect(strokeOf(press('k', { metaKey: true }), false)).toBeNull();
});

it.each([false, true])('gives each key to one thing in its place (desktop: %s)', (onDesktop) => {
  const combos = keyNames.flatMap((name) => combosOf(name, onDesktop));
  expect(combos.filter((combo, i) => combos.indexOf(combo) !== i)).toEqual([]);
  // No key is both whole and the beginning of two.
  const firsts = combos.filter((combo) => combo.includes(' ')).map((combo) => combo.split(' ')[0]);
  expect(combos.filter((combo) => firsts.includes(combo))).toEqual([]);
});

it('takes nothing that belongs to the browser or to Chinese input methods', () => {
  const never = ['Ctrl+W', 'Ctrl+T', 'Ctrl+N', 'Ctrl+Tab', 'Ctrl+Space', 'Ctrl+.', 'Ctrl+Shift+F', 'Ctrl+L'];
  const all = keyNames.flatMap((name) => combosOf(name, false)).flatMap(strokesOf);
  expect(all.filter((stroke) => never.includes(stroke))).toEqual([]);
});

it('knows which keys type something', () => {
  expect(['?', 'R', 'Shift+R', '/'].every(isSingle)).toBe(true);
  expect(['Ctrl+K', 'Alt+1', 'F6', 'Shift+F6', 'Escape'].some(isSingle)).toBe(false);
});
