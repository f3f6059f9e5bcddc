import { type CastEvent, type CastFile, sizeOf } from './castFile.ts';

/** As much of an emulator as a feeder needs. */
export interface Sink {
  /** `done` when all that was written so far has been drawn. */
  write(text: string, done: () => void): void;
  reset(): void;
  resize(cols: number, rows: number): void;
}

/** So much is on its way at once: an emulator that is given more than it draws queues it, and throws at last. */
const mostAtOnce = 256 * 1024;

/**
 * Brings an emulator to where a number of events of a recording are over. Going back begins anew; whatever was on its
 * way is drawn first, so nothing of it can come after the beginning.
 */
export function createFeeder({ cols, rows, events }: CastFile, onBehind: (behind: boolean) => void = () => {}) {
  let sink: Sink | null = null;
  let written = 0;
  let wanted = 0;
  let busy = false;
  let behind = false;

  function tell(): void {
    const now = busy && written < wanted;
    if (now === behind) return;
    behind = now;
    onBehind(now);
  }

  /** What can be written before the emulator has to be resized; that resize, too. */
  function next(): { text: string; size: { cols: number; rows: number } | null } {
    const parts: string[] = [];
    let length = 0;
    let size: ReturnType<typeof sizeOf> = null;
    while (written < wanted && size === null && length < mostAtOnce) {
      const event: CastEvent | undefined = events[written];
      written++;
      if (event?.code === 'r') size = sizeOf(event.data);
      if (event?.code !== 'o') continue;
      parts.push(event.data);
      length += event.data.length;
    }
    return { text: parts.join(''), size };
  }

  function feed(): void {
    const to = sink;
    if (busy || to === null) return tell();
    if (wanted < written) {
      to.reset();
      to.resize(cols, rows);
      written = 0;
    }
    if (written === wanted) return tell();
    const { text, size } = next();
    busy = true;
    tell();
    to.write(text, () => {
      // Another emulator may have taken its place.
      if (sink !== to) return;
      busy = false;
      if (size) to.resize(size.cols, size.rows);
      feed();
    });
  }

  return {
    /** An emulator that shows nothing yet; null: there is none any more. */
    into(next: Sink | null): void {
      sink = next;
      written = 0;
      busy = false;
      feed();
    },
    showUpTo(events: number): void {
      wanted = events;
      feed();
    },
  };
}
