import type { Client } from '@omanager/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useSession } from '../../data/session.tsx';
import { createTransfers, type Transfer, type Transfers } from './transfers.ts';

/** They go on while another page is shown; whoever signs in next on the same connection sees nothing of them. */
const ofClient = new WeakMap<Client, { userName: string; transfers: Transfers }>();

/** The transfers of a server, and what can be done with them. */
export function useTransfers(host: string): { transfers: Transfers; items: readonly Transfer[] } {
  const { client, who } = useSession();
  const { userName } = who;
  let own = ofClient.get(client);
  if (own?.userName !== userName) {
    own?.transfers.end();
    own = { userName, transfers: createTransfers(client) };
    ofClient.set(client, own);
  }
  const { transfers } = own;
  const all = useSyncExternalStore(transfers.subscribe, transfers.list);
  const items = useMemo(() => all.filter((one) => one.host === host), [all, host]);
  return { transfers, items };
}
