export interface StreamQueue extends AsyncIterable<unknown> {
  add(item: unknown): void;
  /** What was added before is still read; then it is over, or throws. Only the first end counts. */
  end(error: unknown): void;
}

/** Items that wait to be read by one reader. Bounded by who adds: a stream's credit. */
export function createStreamQueue(): StreamQueue {
  const items: unknown[] = [];
  let over: { error: unknown } | null = null;
  let wake = Promise.withResolvers<void>();
  return {
    add(item) {
      items.push(item);
      wake.resolve();
    },
    end(error) {
      over ??= { error };
      wake.resolve();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (items.length > 0) yield items.shift();
        if (over) {
          if (over.error) throw over.error;
          return;
        }
        await wake.promise;
        wake = Promise.withResolvers();
      }
    },
  };
}
