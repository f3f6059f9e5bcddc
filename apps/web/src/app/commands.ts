import { type RefObject, useEffect, useEffectEvent } from 'react';
import { type KeyName, keys } from './keys.ts';

/** What a key, an entry of the native menu or a line of the palette asks for. */
export type Command = KeyName | 'showInvite';

export interface CommandOptions {
  /** False: as if it were not there. */
  readonly enabled?: boolean;
  /** By key only where the focus is within; menu and palette ask for it wherever the focus is. */
  readonly within?: RefObject<HTMLElement | null>;
  /** Also while a dialog is open: for what stands in that dialog. */
  readonly inDialog?: boolean;
  /** Only where nobody else can. */
  readonly fallback?: boolean;
}

/** Returning false says that nothing was done: the key keeps its own meaning. */
export type Act = (pressed: string | null) => unknown;

interface Registered extends Omit<CommandOptions, 'enabled'> {
  readonly act: Act;
}

const registered = new Map<Command, Registered[]>();

/** Those that can be asked for now, the newest of each last. */
export const registrations = (command: Command): readonly Registered[] => registered.get(command) ?? [];

/** Asks for a command from wherever; the part of the page that was shown last and knows it does it. */
export function sayCommand(command: Command): void {
  registrations(command).at(-1)?.act(null);
}

/** Returns the undo. */
function register(command: Command, one: Registered): () => void {
  const others = registrations(command);
  registered.set(command, one.fallback ? [one, ...others] : [...others, one]);
  return () => {
    registered.set(
      command,
      registrations(command).filter((other) => other !== one),
    );
  };
}

/** What this part of the page does when a command is asked for: by its key (see keys.ts), a menu or the palette. */
export function useCommand(command: Command, act: Act, options: CommandOptions = {}): void {
  useRegistered(command, (_, pressed) => act(pressed), options);
}

/** As `useCommand`, for several: `useKeys({ retry: openRetry, stop: openStop })`. */
export function useKeys(acts: Readonly<Partial<Record<KeyName, Act>>>, options: CommandOptions = {}): void {
  const names: readonly string[] = Object.keys(acts);
  useRegistered(names.join(' '), (name, pressed) => (isKeyName(name) ? acts[name]?.(pressed) : false), options);
}

const isKeyName = (name: string): name is KeyName => Object.hasOwn(keys, name);

function useRegistered(
  names: string,
  act: (name: Command, pressed: string | null) => unknown,
  { enabled = true, within, inDialog = false, fallback = false }: CommandOptions,
): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    if (!enabled) return;
    const undo = names
      .split(' ')
      .filter((name): name is Command => name === 'showInvite' || isKeyName(name))
      .map((name) =>
        register(name, {
          act: (pressed) => run(name, pressed),
          ...{ inDialog, fallback },
          ...(within ? { within } : {}),
        }),
      );
    return () => {
      for (const one of undo) one();
    };
  }, [names, enabled, within, inDialog, fallback]);
}
