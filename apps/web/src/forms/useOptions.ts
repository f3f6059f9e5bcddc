import type { Client } from '@omanager/client';
import type { OmError } from '@omanager/contract';
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { asOmError } from '../data/calls.ts';
import { useSession } from '../data/session.tsx';
import { createOptions, type Offered, type Options, type OptionsSource } from './options.ts';

/** The servers that are chosen where a form is filled in, as a selector; null: none, or none can be. */
const servers = createContext<string | null>(null);
export const FormServers = servers.Provider;

/** One memory of answers for all forms of a session. */
const ofClient = new WeakMap<Client, Options>();

function optionsOf(client: Client): Options {
  const known = ofClient.get(client) ?? createOptions(client);
  ofClient.set(client, known);
  return known;
}

const afterTypingMs = 200;

/** Values for one field: of the inventory as it is typed in, of a module when they are asked for. */
export function useOptions(source: OptionsSource, typed: string) {
  const { client } = useSession();
  const selector = useContext(servers);
  const [offered, setOffered] = useState<Offered | null>(null);
  const [failure, setFailure] = useState<OmError | null>(null);
  const [busy, setBusy] = useState(false);
  const newest = useRef(0);
  const ofModule = 'module' in source;
  const key = JSON.stringify(source);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a source is compared by what it says, which is key
  const load = useCallback(
    (fresh = false): void => {
      const turn = ++newest.current;
      const isNewest = () => turn === newest.current;
      setBusy(true);
      setFailure(null);
      optionsOf(client)
        .of({ source, typed: ofModule ? '' : typed, selector, fresh })
        .then(
          (found) => isNewest() && setOffered(found),
          (error: unknown) => isNewest() && setFailure(asOmError(error)),
        )
        .finally(() => isNewest() && setBusy(false));
    },
    [client, key, ofModule, typed, selector],
  );

  // What was found on other servers is no offer for these.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    newest.current++;
    setOffered(null);
    setFailure(null);
    setBusy(false);
  }, [key, ofModule ? selector : null]);

  useEffect(() => {
    if (ofModule || typed === '') return;
    const timer = setTimeout(() => load(), afterTypingMs);
    return () => clearTimeout(timer);
  }, [ofModule, typed, load]);

  useEffect(() => () => void newest.current++, []);

  return { offered, failure, busy, load, ready: !ofModule || (selector !== null && selector !== '') };
}
