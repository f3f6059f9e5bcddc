import type { OmError } from '@omanager/contract';
import { useEffect } from 'react';
import { type OwnKey, type OwnPreferences, ownKeys, prefer, preferences } from '../preferences/preferences.ts';
import { useAnswer, useChange } from './calls.ts';
import { useSession } from './session.tsx';

/** What a person sets for themselves lives on the server; this browser keeps a copy of the one who signed in last. */
export function OwnSettings(): null {
  const { who, server } = useSession();
  const { data } = useAnswer('settings.get', {});
  const { mutateAsync } = useChange('settings.set');
  const owner = `${server.address}:${who.userName}`;
  useEffect(() => {
    if (!data) return;
    const before = preferences();
    const same = before.ownOf === owner;
    // Kept here before the server kept it: it goes along. What another person left is nobody's.
    const goesAlong = !data.saved && (before.ownOf === '' || same);
    const unsaved = goesAlong ? [...ownKeys] : same ? before.unsaved.of : [];
    const mine = only(unsaved, before);
    prefer({ ...data.settings, ...mine, ownOf: owner, unsaved: { of: unsaved, why: same ? before.unsaved.why : '' } });
    if (unsaved.length > 0) settle(mine, mutateAsync(mine));
  }, [data, owner, mutateAsync]);
  return null;
}

/** Changes some of one's own settings: here at once, and on the server for every other device. */
export function useOwn() {
  const { mutateAsync, error } = useChange('settings.set');
  const send = (change: Partial<OwnPreferences>) => settle(change, mutateAsync(change));
  return {
    error,
    keep(change: Partial<OwnPreferences>): void {
      const { unsaved } = preferences();
      prefer({ ...change, unsaved: { ...unsaved, of: [...new Set([...unsaved.of, ...keysOf(change)])] } });
      send(change);
    },
    /** Sends what the server does not have yet once more. */
    again: () => send(only(preferences().unsaved.of, preferences())),
  };
}

/** Until the server has it, it is marked as unsaved: the next sign-in sends it instead of writing over it. */
function settle(change: Partial<OwnPreferences>, sent: Promise<unknown>): void {
  const owner = preferences().ownOf;
  const mark = (of: readonly OwnKey[], why: string) => {
    if (preferences().ownOf === owner) prefer({ unsaved: { of: [...of], why } });
  };
  sent.then(
    () => {
      const { of, why } = preferences().unsaved;
      const left = of.filter((key) => !(key in change));
      mark(left, left.length > 0 ? why : '');
    },
    (error: OmError) => mark(preferences().unsaved.of, `${error.message} (${error.code})`),
  );
}

const keysOf = (change: Partial<OwnPreferences>): OwnKey[] => ownKeys.filter((key) => key in change);

function only(keys: readonly OwnKey[], all: OwnPreferences): Partial<OwnPreferences> {
  const some: Partial<OwnPreferences> = {};
  const take = <K extends OwnKey>(key: K) => {
    some[key] = all[key];
  };
  keys.forEach(take);
  return some;
}
