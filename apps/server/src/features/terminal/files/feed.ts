/** What one side pushes and the other pulls: at most one piece lies in between. */
export interface Feed {
  readonly source: AsyncGenerator<Uint8Array, void, undefined>;
  /** Resolves once the source is asked for the first time. */
  readonly begun: Promise<void>;
  /** True once this piece was taken and another one is wanted; false when the source has ended instead. */
  push(piece: Uint8Array): Promise<boolean>;
  end(): void;
  fail(error: unknown): void;
}

export function createFeed(): Feed {
  let piece: Uint8Array | undefined;
  let last: { error: unknown } | 'end' | undefined;
  let over = false;
  let wakeSource = () => {};
  const begun = Promise.withResolvers<void>();
  let wanted = Promise.withResolvers<void>();

  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        begun.resolve();
        wanted.resolve();
        while (!piece && !last)
          await new Promise<void>((resolve) => {
            wakeSource = resolve;
          });
        if (last && last !== 'end') throw last.error;
        if (!piece) return;
        const taken = piece;
        piece = undefined;
        yield taken;
      }
    } finally {
      over = true;
      wanted.resolve();
    }
  }

  return {
    source: source(),
    begun: begun.promise,
    async push(next) {
      if (piece) throw new Error('a piece was pushed before the last one was taken');
      if (over) return false;
      piece = next;
      wanted = Promise.withResolvers<void>();
      wakeSource();
      await wanted.promise;
      return !over;
    },
    end() {
      last ??= 'end';
      wakeSource();
    },
    fail(error) {
      last ??= { error };
      wakeSource();
    },
  };
}
