import { useMemo, useState } from 'react';
import { z } from 'zod';
import { useSession } from '../../data/session.tsx';
import { safeStorage } from '../../session/storage.ts';

const schema = z.object({ since: z.iso.datetime(), done: z.array(z.string().max(200)).max(500) });
type Kept = z.infer<typeof schema>;

const dayMs = 24 * 3_600_000;

/** What this person has seen to, kept in this browser: the last 500. */
export function useDismissed() {
  const { who, server } = useSession();
  const storage = useMemo(safeStorage, []);
  const name = `om.inbox:${server.address}:${who.userName}`;
  const [kept, setKept] = useState(() => read(storage, name));
  return {
    since: kept.since,
    done: useMemo(() => new Set(kept.done), [kept]),
    dismiss(keys: readonly string[]) {
      const next = { ...kept, done: [...new Set([...kept.done, ...keys])].slice(-500) };
      setKept(next);
      storage.setItem(name, JSON.stringify(next));
    },
  };
}

function read(storage: Pick<Storage, 'getItem' | 'setItem'>, name: string): Kept {
  try {
    return schema.parse(JSON.parse(storage.getItem(name) ?? ''));
  } catch {
    const fresh = { since: new Date(Date.now() - dayMs).toISOString(), done: [] };
    storage.setItem(name, JSON.stringify(fresh));
    return fresh;
  }
}
