import type { Client, ClientState } from '@omanager/client';
import { useSyncExternalStore } from 'react';

/** How the connection of a client stands. */
export function useClientState(client: Client): ClientState {
  return useSyncExternalStore(
    (listener) => client.onState(listener),
    () => client.state,
  );
}
