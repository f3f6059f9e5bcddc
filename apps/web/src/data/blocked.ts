import type { Client, ClientState } from '@omanager/client';
import { contract, OmError } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { preferences, usePreferences } from '../preferences/preferences.ts';
import { useSession } from './session.tsx';

/** Why nothing can be started or changed now. */
export type Block = 'readOnly' | 'away';

/** What every control that starts or changes something asks: null, or why it is disabled (in words: `useBlockWords`). */
export function useBlock(): Block | null {
  const { client } = useSession();
  const { readOnly } = usePreferences();
  const away = useAway(client);
  return readOnly ? 'readOnly' : away ? 'away' : null;
}

/** A cut that is over at once is nobody's business. */
const patienceMs = 700;

/** Whether the connection is lost, for longer than a moment. */
export function useAway(client: Client): boolean {
  const [away, setAway] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = ({ kind }: ClientState): void => {
      clearTimeout(timer);
      if (kind === 'open') setAway(false);
      else timer = setTimeout(() => setAway(true), patienceMs);
    };
    look(client.state);
    const undo = client.onState(look);
    return () => {
      clearTimeout(timer);
      undo();
    };
  }, [client]);
  return away;
}

/** Also while the window is locked: one's own session, and a plan, which starts nothing. */
const alwaysFree: ReadonlySet<string> = new Set([
  ...[
    'runs.plan',
    'access.signIn',
    'access.verifyTotp',
    'access.signOut',
    'access.changePassword',
    'access.resume',
    'settings.set',
  ],
]);

/** The same client, but for calls that change something while the read-only lock is on: those are refused here. */
export function lockable(client: Client): Client {
  return {
    call(name, params, options) {
      if (preferences().readOnly && contract[name].kind === 'change' && !alwaysFree.has(name))
        return Promise.reject(new OmError('FORBIDDEN', 'The read-only lock of this window is on: nothing was sent.'));
      return client.call(name, params, options);
    },
    stream: (name, params, options) => client.stream(name, params, options),
    get state() {
      return client.state;
    },
    retryNow: () => client.retryNow(),
    onState: (listener) => client.onState(listener),
    close: () => client.close(),
  };
}
