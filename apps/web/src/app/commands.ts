import { type RefObject, useEffect, useEffectEvent } from 'react';
import type { KeyName } from './keys.ts';

/** What a key, an entry of the native menu or a line of the palette asks for. */
export type Command = KeyName | 'showInvite';

export interface CommandOptions {
  /** False: as if it were not there. */
  readonly enabled?: boolean;
  /** By key only where the focus is within; menu and palette ask for it wherever the focus is. */
  readonly within?: RefObject<HTMLElement | null>;
  /** Also while a dialog is open: for what stands in that dialog. */
  readonly inDialog?: boolean;
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

/** What this part of the page does when a command is asked for: by its key (see keys.ts), a menu or the palette. */
export function useCommand(
  command: Command,
  act: Act,
  { enabled = true, within, inDialog }: CommandOptions = {},
): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    if (!enabled) return;
    const mine: Registered = {
      act: (pressed) => run(pressed),
      ...(within ? { within } : {}),
      ...(inDialog ? { inDialog } : {}),
    };
    registered.set(command, [...registrations(command), mine]);
    return () =>
      void registered.set(
        command,
        registrations(command).filter((one) => one !== mine),
      );
  }, [command, enabled, within, inDialog]);
}

/** As `useCommand`, for several: `useKeys({ retry: openRetry, stop: openStop })`. The names must stay the same. */
export function useKeys(
  acts: Readonly<Partial<Record<KeyName, Act>>>,
  { enabled = true, within, inDialog }: CommandOptions = {},
): void {
  const run = useEffectEvent((name: KeyName, pressed: string | null) => acts[name]?.(pressed));
  const names = Object.keys(acts).join(' ');
  useEffect(() => {
    if (!enabled || names === '') return;
    // The keys of `acts`, which are names of keys.
    const mine = (names.split(' ') as KeyName[]).map((name) => {
      const one: Registered = {
        act: (pressed) => run(name, pressed),
        ...(within ? { within } : {}),
        ...(inDialog ? { inDialog } : {}),
      };
      registered.set(name, [...registrations(name), one]);
      return [name, one] as const;
    });
    return () => {
      for (const [name, one] of mine)
        registered.set(
          name,
          registrations(name).filter((other) => other !== one),
        );
    };
  }, [names, enabled, within, inDialog]);
}
