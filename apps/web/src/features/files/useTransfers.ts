import type { Client } from '@omanager/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useSession } from '../../data/session.tsx';
import { createTransfers, type Transfer, type Transfers } from './transfers.ts';

/** Of each connection its own: they go on while another page is shown. */
const ofClient = new WeakMap<Client, Transfers>();

/** The transfers of a server, and what can be done with them. */
export function useTransfers(host: string): { transfers: Transfers; items: readonly Transfer[] } {
  const { client } = useSession();
  const transfers = ofClient.get(client) ?? createTransfers(client);
  ofClient.set(client, transfers);
  const all = useSyncExternalStore(transfers.subscribe, transfers.list);
  const items = useMemo(() => all.filter((one) => one.host === host), [all, host]);
  return { transfers, items };
}
