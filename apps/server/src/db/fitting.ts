/** Half of what a message takes: the rest is for what stands around the items. */
export const fittingBytes = 4 * 1024 * 1024;

export const bytesOf = (item: unknown): number => Buffer.byteLength(JSON.stringify(item));

/**
 * The first of these that one message takes, at least one. Texts come from servers and from whoever calls: a page of few
 * long ones would be more than can be sent, and nobody could look at them, nor at what stands beside them.
 */
export function fitting<T>(items: readonly T[], bytes: number = fittingBytes): T[] {
  let left = bytes;
  const end = items.findIndex((item, i) => {
    left -= bytesOf(item);
    return left < 0 && i > 0;
  });
  return items.slice(0, end === -1 ? items.length : end);
}

/** All of these, in as many parts as it takes. */
export function* parted<T>(items: readonly T[]): Generator<T[], void, undefined> {
  for (let rest = items; rest.length > 0; ) {
    const part = fitting(rest);
    yield part;
    rest = rest.slice(part.length);
  }
}
