import type { RpcNotification } from '@omanager/contract';

interface Item {
  notification: RpcNotification;
  /** Bytes of the message it came in. */
  size: number;
}

const maxItems = 64;
const maxBytes = 4 * 1024 * 1024;

/**
 * A stream's first events may overtake the answer that names it. They are kept here until the name is known. When there
 * are too many, `keep` says false from then on: what is kept stays the beginning of each stream, without holes.
 */
export function createEarly() {
  let items: Item[] = [];
  let bytes = 0;
  let full = false;

  return {
    keep(notification: RpcNotification, size: number): boolean {
      full ||= items.length >= maxItems || bytes + size > maxBytes;
      if (full) return false;
      items.push({ notification, size });
      bytes += size;
      return true;
    },
    /** What came for this stream, in order. */
    take(streamId: string): Item[] {
      const [own, others] = [true, false].map((wanted) =>
        items.filter(({ notification }) => (notification.params.stream === streamId) === wanted),
      );
      items = others ?? [];
      return own ?? [];
    },
    clear(): void {
      items = [];
      bytes = 0;
      full = false;
    },
  };
}
