/**
 * Does something every so often, one at a time: a round that takes longer than the time between two is not overtaken.
 * `round` tells its own failures. `stop` waits for the round under way.
 */
export function startRounds(everyMs: number, round: () => Promise<void>): { stop(): Promise<void> } {
  let current: Promise<void> | undefined;
  const timer = setInterval(() => {
    current ??= round().finally(() => {
      current = undefined;
    });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await current;
    },
  };
}
