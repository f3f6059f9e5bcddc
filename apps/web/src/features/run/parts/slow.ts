import { useEffect, useState } from 'react';

/** A value that changes often, taken over at most once every `everyMs`; the last one always arrives. */
export function useSlow<T>(value: T, everyMs: number): T {
  const [slow, setSlow] = useState({ value, at: 0 });
  useEffect(() => {
    if (Object.is(slow.value, value)) return;
    const timer = setTimeout(() => setSlow({ value, at: Date.now() }), Math.max(0, slow.at + everyMs - Date.now()));
    return () => clearTimeout(timer);
  }, [value, slow, everyMs]);
  return slow.value;
}
