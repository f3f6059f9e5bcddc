import { createContext, useContext, useEffect, useState } from 'react';

/** Clocks below stand still: what they tell about is not known any more. */
export const StillContext = createContext(false);

/** The time of this computer, told anew every `everyMs`; 0: it stands still. */
export function useNow(everyMs: number): number {
  const still = useContext(StillContext);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === 0 || still) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, still]);
  return now;
}
