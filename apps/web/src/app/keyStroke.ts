/** What of a keyboard event makes a stroke. */
export type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>;

export const isMac = (): boolean => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** `Ctrl+Shift+L`, `Shift+R`, `?`: as the table of keys writes it, letters in capitals; null for what is none. */
export function strokeOf(event: Pressed, mac: boolean): string | null {
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(event.key))
    return null;
  const main = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  // AltGr comes as Ctrl and Alt together: it types a character.
  if (other || (main && event.altKey)) return null;
  const key = keyOf(event, main || event.altKey);
  const shift = event.shiftKey && (key.length > 1 || /^[A-Z]$/.test(key) || main);
  return `${main ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** With a modifier it is the key itself that counts, where a layout or a modifier types something else with it. */
function keyOf({ key, code }: Pressed, modified: boolean): string {
  if (modified && !/^[ -~]$/.test(key) && key.length === 1) return /^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? key;
  return /^[a-z]$/.test(key) ? key.toUpperCase() : key;
}

/** The strokes of a combo of the table, one after the other. */
export function strokesOf(combo: string): readonly string[] {
  return combo.split(' ').map((stroke) => stroke.replace(/(?<=^|\+)[a-z]$/, (letter) => letter.toUpperCase()));
}

/** Whether a stroke alone types a character: such keys can be turned off, and never fire while somebody types. */
export const isSingle = (stroke: string): boolean =>
  !/^(?:Ctrl|Alt)\+/.test(stroke) && !/^(?:Shift\+)?(?:F\d|Escape)/.test(stroke);

const names: Readonly<Record<string, string>> = {
  ...{ ArrowDown: '↓', ArrowUp: '↑', PageDown: 'PgDn', PageUp: 'PgUp', Escape: 'Esc' },
};
const macNames: Readonly<Record<string, string>> = { ...names, Ctrl: '⌘', Shift: '⇧', Alt: '⌥' };

/** As it is shown: the parts of each stroke. */
export function shown(combo: string, mac: boolean): readonly (readonly string[])[] {
  return combo.split(' ').map((stroke) => stroke.split('+').map((part) => (mac ? macNames : names)[part] ?? part));
}
