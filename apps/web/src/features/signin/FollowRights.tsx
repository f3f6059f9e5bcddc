import { useStream } from '../../data/calls.ts';
import { useSession, type Who } from '../../data/session.tsx';

/** Hears of another role while the page is open: what may no longer be done leaves it. */
export function FollowRights({ onChange }: { onChange(who: Who): void }) {
  const { who } = useSession();
  useStream('access.watch', {}, (now) => {
    if (JSON.stringify(now) !== JSON.stringify(who)) onChange(now);
  });
  return null;
}
