import { useEffect, useState, useSyncExternalStore } from 'react';

/** Whether this page can be seen: what nobody sees is not followed. */
export function useVisible(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    () => document.visibilityState === 'visible',
  );
}

/** Going to another tab and back at once is no absence. */
const restAfterMs = 2000;

/** Whether nobody has seen this page for a while. The desktop never rests: it tells of runs while its window is hidden. */
export function useResting(): boolean {
  const visible = useVisible();
  const [resting, setResting] = useState(false);
  useEffect(() => {
    if (visible || window.omanager !== undefined) return setResting(false);
    const timer = setTimeout(() => setResting(true), restAfterMs);
    return () => clearTimeout(timer);
  }, [visible]);
  return resting;
}
