import { useEffect } from 'react';
import { type OwnPreferences, prefer, preferences } from '../preferences/preferences.ts';
import { useAnswer, useChange } from './calls.ts';
import { useSession } from './session.tsx';

/** What a person sets for themselves lives on the server; this browser keeps a copy of the one who signed in last. */
export function OwnSettings(): null {
  const { who, server } = useSession();
  const { data } = useAnswer('settings.get', {});
  const { mutate } = useChange('settings.set');
  const owner = `${server.address}:${who.userName}`;
  useEffect(() => {
    if (!data) return;
    const before = preferences();
    // Kept here before the server kept it: it goes along. What another person left is nobody's.
    const goesAlong = !data.saved && (before.ownOf === '' || before.ownOf === owner);
    if (goesAlong) mutate(ownOf(before));
    prefer({ ...(goesAlong ? {} : data.settings), ownOf: owner });
  }, [data, owner, mutate]);
  return null;
}

/** Changes some of one's own settings: here at once, and on the server for every other device. */
export function useOwn() {
  const { mutate, error } = useChange('settings.set');
  return {
    error,
    keep(change: Partial<OwnPreferences>): void {
      prefer(change);
      mutate(change);
    },
  };
}

function ownOf(all: OwnPreferences): OwnPreferences {
  const { favourites, savedFilters, keys, singleKeys, quietHours } = all;
  return { favourites, savedFilters, keys, singleKeys, quietHours };
}
