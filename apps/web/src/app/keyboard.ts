import { useEffect } from 'react';
import { type Preferences, preferences } from '../preferences/preferences.ts';
import { registrations } from './commands.ts';
import { isMac, isSingle, strokeOf, strokesOf } from './keyStroke.ts';
import { type KeyName, keyNames } from './keys.ts';
import { keysNow, type OwnKeys } from './ownKeys.ts';

const patienceMs = 1500;

/** Listens for the keys of keys.ts while the shell is there. */
export function useKeyboard(): void {
  useEffect(() => {
    const onKey = createKeyboard({ onDesktop: window.omanager !== undefined, preferences });
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

interface Options {
  onDesktop: boolean;
  preferences(): Pick<Preferences, 'singleKeys' | 'keys'>;
}

interface Combo {
  readonly name: KeyName;
  readonly strokes: readonly string[];
}

/** Never while an input method composes, never single keys while somebody types, never behind an open dialog. */
function createKeyboard({ onDesktop, preferences }: Options): (event: KeyboardEvent) => void {
  let own: OwnKeys | null = null;
  let here: readonly Combo[] = [];
  function combosHere(): readonly Combo[] {
    const { keys } = preferences();
    if (keys === own) return here;
    own = keys;
    const combos = keyNames.flatMap((name) =>
      keysNow(name, onDesktop, keys).map((combo) => ({ name, strokes: strokesOf(combo) })),
    );
    here = onDesktop ? combos : [...combos, { name: 'clear', strokes: ['Ctrl+L'] }];
    return here;
  }
  let pressed: { strokes: string[]; at: number } = { strokes: [], at: 0 };

  return (event) => {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    const stroke = strokeOf(event, isMac());
    if (stroke === null) return;
    const before = event.timeStamp - pressed.at < patienceMs ? pressed.strokes : [];
    pressed = { strokes: [], at: 0 };
    const { target } = event;
    if (isSingle(stroke) && (isTyping(target) || !preferences().singleKeys)) return;
    // What waits for a second stroke begins anew with one that does not follow.
    for (const strokes of before.length > 0 ? [[...before, stroke], [stroke]] : [[stroke]]) {
      const meant = combosHere().filter((combo) => strokes.every((one, i) => combo.strokes[i] === one));
      for (const { name } of meant.filter((combo) => combo.strokes.length === strokes.length)) {
        if (!obey(name, stroke, target)) continue;
        event.preventDefault();
        return;
      }
      if (
        !meant.some((combo) => combo.strokes.length > strokes.length && reachable(combo.name, null, target).length > 0)
      )
        continue;
      pressed = { strokes, at: event.timeStamp };
      return;
    }
  };
}

function obey(name: KeyName, stroke: string, target: EventTarget | null): boolean {
  return reachable(name, stroke, target).some((one) => one.act(stroke) !== false);
}

/** Those that may act, in the order in which they are asked: the newest first. */
function reachable(name: KeyName, stroke: string | null, target: EventTarget | null) {
  const behind = document.querySelector('[aria-modal="true"]') !== null;
  const within = target instanceof Node ? target : null;
  // The browser's own key: only output that has the focus may take it.
  const borrowed = name === 'clear' && stroke === 'Ctrl+L' && window.omanager === undefined;
  const those = registrations(name)
    .filter(
      (one) =>
        (!behind || one.inDialog) &&
        (one.within === undefined ? !borrowed : one.within.current?.contains(within) === true),
    )
    .toReversed();
  // Where the focus is comes before what counts everywhere.
  return [...those.filter((one) => one.within), ...those.filter((one) => !one.within)];
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
