import css from './KeyHint.module.css';
import { isMac, shown } from './keyStroke.ts';
import type { KeyName } from './keys.ts';
import { keysNow } from './ownKeys.ts';

/** The first key of something, as it is written on the keyboard: "Ctrl K"; empty where there is none. */
function keyHint(name: KeyName): string {
  const [combo] = keysNow(name, window.omanager !== undefined);
  return combo === undefined
    ? ''
    : shown(combo, isMac())
        .map((stroke) => stroke.join(' '))
        .join('  ');
}

/** The same for `title`s: "Save output (Ctrl S)". */
export function withKey(words: string, name: KeyName): string {
  const hint = keyHint(name);
  return hint === '' ? words : `${words} (${hint})`;
}

/** The keys of something, one frame for each. */
export function KeyHint({ name, combo }: { name: KeyName; combo?: string }) {
  const said = combo ?? keysNow(name, window.omanager !== undefined)[0];
  if (said === undefined) return null;
  return (
    <span className={css.keys} aria-hidden="true">
      {shown(said, isMac())
        .flat()
        .map((part, i) => ({ part, id: `${i} ${part}` }))
        .map(({ part, id }) => (
          <kbd key={id}>{part}</kbd>
        ))}
    </span>
  );
}
