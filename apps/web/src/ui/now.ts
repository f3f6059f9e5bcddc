import { createContext, useContext, useEffect, useState } from 'react';

/** Clocks below stand still: what they tell about is not known any more. */
export const StillContext = createContext(false);

interface Ticks {
  readonly listeners: Set<() => void>;
  readonly timer: ReturnType<typeof setInterval>;
}

/** One timer for each pace: a table with a time in each row would have hundreds. */
const paces = new Map<number, Ticks>();

function onTick(everyMs: number, listener: () => void): () => void {
  const ticks = paces.get(everyMs) ?? begin(everyMs);
  ticks.listeners.add(listener);
  return () => {
    ticks.listeners.delete(listener);
    if (ticks.listeners.size > 0) return;
    clearInterval(ticks.timer);
    paces.delete(everyMs);
  };
}

function begin(everyMs: number): Ticks {
  const listeners = new Set<() => void>();
  const timer = setInterval(() => {
    for (const tell of [...listeners]) tell();
  }, everyMs);
  const ticks = { listeners, timer };
  paces.set(everyMs, ticks);
  return ticks;
}

/** The time of this computer, told anew every `everyMs`; 0: it stands still. */
export function useNow(everyMs: number): number {
  const still = useContext(StillContext);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === 0 || still) return;
    return onTick(everyMs, () => setNow(Date.now()));
  }, [everyMs, still]);
  return now;
}
