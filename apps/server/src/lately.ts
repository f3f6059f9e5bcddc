interface Options {
  /** How long a key is remembered. */
  ms: number;
  /** Of more keys than these the oldest are forgotten. */
  most?: number | undefined;
  /** In milliseconds. */
  now?: (() => number) | undefined;
}

/** Does the same thing once for a while: `once` acts unless it has done so for this key within `ms`; an act that fails does not count. */
export function createLately({ ms, most = 10_000, now = () => performance.now() }: Options) {
  const done = new Map<string, number>();
  return {
    async once(key: string, act: () => Promise<void>): Promise<void> {
      const at = done.get(key);
      if (at !== undefined && now() - at < ms) return;
      await act();
      // Moves it to the end: the first is the oldest.
      done.delete(key);
      done.set(key, now());
      const [oldest] = done.keys();
      if (done.size > most && oldest !== undefined) done.delete(oldest);
    },
  };
}
