import { useEffect } from 'react';
import { useAnswer } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useNow } from '../../ui/now.ts';

const warnMs = 10 * 60_000;

/** Minutes until this session ends, when they are few; else null. Asked again just before: use may have prolonged it. */
export function useSessionEnd(): number | null {
  const { who } = useSession();
  const { data, refetch } = useAnswer('sessions.list', { mine: true });
  const now = useNow(60_000);
  const mine = data?.items.find(({ id }) => id === who.sessionId);
  const ends = mine ? Date.parse(mine.expiresAt) : null;
  useEffect(() => {
    if (ends === null) return;
    const wait = ends - Date.now() - warnMs;
    // Longer than a timer can count: a session of weeks.
    if (wait < 0 || wait > 2 ** 31 - 1) return;
    const timer = setTimeout(() => void refetch(), wait);
    return () => clearTimeout(timer);
  }, [ends, refetch]);
  if (ends === null || ends - now > warnMs || ends <= now) return null;
  return Math.max(1, Math.round((ends - now) / 60_000));
}
