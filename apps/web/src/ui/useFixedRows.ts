import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type RowWindow, windowAt } from './rowWindow.ts';

export interface FixedRow {
  readonly index: number;
  readonly start: number;
  readonly size: number;
}

export interface FixedRows {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Those that exist: what is in sight and some more. */
  readonly items: readonly FixedRow[];
  /** How many are in sight. */
  readonly inSight: number;
  readonly virtual: {
    getTotalSize(): number;
    /** Scrolls no further than it must. */
    scrollToIndex(index: number): void;
  };
}

const atFirst: RowWindow = { from: 0, to: 40 };

/**
 * Rows of one height, of which only those near the scroller's sight exist. They come and go several at a time, so that
 * scrolling mostly moves what is there and draws nothing anew.
 */
export function useFixedRows(count: number, size: number): FixedRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(atFirst);
  const [inSight, setInSight] = useState(1);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let now = atFirst;
    const look = (): void => {
      const before = now;
      now = windowAt(element.scrollTop, element.clientHeight, size);
      if (now.from === before.from && now.to === before.to) return;
      const next = now;
      // A jump leaves nothing that could be shown meanwhile.
      if (next.from >= before.to || next.to <= before.from) flushSync(() => setShown(next));
      else setShown(next);
    };
    const measure = (): void => {
      setInSight(Math.max(1, Math.floor(element.clientHeight / size)));
      look();
    };
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    measure();
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [size]);

  const from = Math.min(shown.from, Math.max(0, count - 1));
  const to = Math.min(shown.to, count);
  const items = useMemo(
    () =>
      Array.from({ length: Math.max(0, to - from) }, (_, i) => ({ index: from + i, start: (from + i) * size, size })),
    [from, to, size],
  );
  const virtual = useMemo(
    () => ({
      getTotalSize: () => count * size,
      scrollToIndex(index: number) {
        const element = scroller.current;
        if (!element) return;
        // What stands above the rows, such as a head, stays in sight over them.
        const above = Math.max(0, element.scrollHeight - count * size);
        const top = index * size;
        const least = top + size + above - element.clientHeight;
        if (element.scrollTop > top) element.scrollTop = top;
        else if (element.scrollTop < least) element.scrollTop = least;
      },
    }),
    [count, size],
  );
  return { scroller, items, inSight, virtual };
}
