import { preferences } from '../preferences/preferences.ts';
import { strokesOf } from './keyStroke.ts';
import { combosOf, type KeyName, keyNames } from './keys.ts';

export type OwnKeys = Readonly<Record<string, readonly string[]>>;

/** The combos that count: a person's own, or the usual ones. */
export function keysNow(name: KeyName, onDesktop: boolean, own: OwnKeys = preferences().keys): readonly string[] {
  return (Object.hasOwn(own, name) ? own[name] : undefined) ?? combosOf(name, onDesktop);
}

/** What Chinese input methods, the system and browsers own. */
const never: ReadonlySet<string> = new Set([
  ...['Ctrl+ ', 'Ctrl+.', 'Ctrl+Shift+F', 'Ctrl+Shift+Escape', 'Alt+F4', 'Ctrl+W', 'Ctrl+T', 'Ctrl+N', 'Ctrl+Tab'],
  ...['Tab', 'Shift+Tab', 'Enter', ' ', 'Escape'],
]);

export const isTaken = (combo: string): boolean => strokesOf(combo).some((stroke) => never.has(stroke));

/** Others that the same strokes mean, or whose strokes begin with these or with which these begin. */
export function sharedWith(name: KeyName, combo: string, onDesktop: boolean, own: OwnKeys): readonly KeyName[] {
  const strokes = strokesOf(combo);
  return keyNames.filter(
    (other) =>
      other !== name &&
      keysNow(other, onDesktop, own).some((theirs) => {
        const those = strokesOf(theirs);
        return those.slice(0, strokes.length).join(' ') === strokes.slice(0, those.length).join(' ');
      }),
  );
}
