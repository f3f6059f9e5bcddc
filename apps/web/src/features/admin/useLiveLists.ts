import type { QueryName } from '@omanager/contract';
import { useRefresh, useStream } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';

/** Which lists an act makes old, by the first part of its name. */
const touched: Readonly<Record<string, readonly QueryName[]>> = {
  access: ['users.list', 'invites.list', 'devices.list', 'sessions.list'],
  users: ['users.list', 'invites.list', 'devices.list', 'sessions.list', 'tokens.list'],
  invites: ['invites.list'],
  devices: ['devices.list', 'sessions.list'],
  sessions: ['sessions.list'],
  tokens: ['tokens.list'],
  credentials: ['credentials.list'],
  workers: ['workers.list'],
};

/** What others do shows at once, to those who may see what others do. */
export function useLiveLists(): void {
  const refresh = useRefresh();
  const may = useMay();
  useStream('audit.follow', may('audit.read') ? { outcome: 'done' } : null, ({ events }) => {
    void refresh(...new Set(events.flatMap(({ action }) => touched[action.split('.')[0] ?? ''] ?? [])));
  });
}
