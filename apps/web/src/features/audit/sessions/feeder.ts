import type { Cast, Size } from './cast.ts';
import type { Snapshots } from './snapshots.ts';

/** As much of an emulator as a feeder needs. */
export interface Sink<S> {
  /** `done` when all that was written so far has been drawn. */
  write(output: Uint8Array, done: () => void): void;
  /** Empty, as at the beginning. */
  clear(size: Size): void;
  resize(size: Size): void;
  /** Null where it cannot be kept just now. */
  state(): { readonly state: S; readonly bytes: number } | null;
  restore(state: S): void;
}

export interface Feeder<S> {
  /** An emulator that shows nothing yet; null: there is none any more. */
  into(sink: Sink<S> | null): void;
  showUpTo(events: number): void;
  /** Looks again whether there is a shorter way. */
  look(): void;
  /** Events that are shown. */
  readonly shown: number;
}

interface Options<S> {
  cast: Cast;
  snapshots: Snapshots<S>;
  /** Adds to the snapshots as it goes. */
  keeps?: boolean;
  /** Somebody else, who keeps, is on the way there: then what is far is waited for. */
  isAwaited?: (events: number) => boolean;
  /** How far it is, from 0 to 1; null: it is there. */
  onBehind?: (share: number | null) => void;
}

/** So much is on its way at once: an emulator that is given more than it draws queues it, and throws at last. */
const mostAtOnce = 256 * 1024;
/** To draw less than this is as quick as to take a snapshot. */
const worthAJump = 128 * 1024;
/** What it draws in a few milliseconds; after each it looks whether the page should go on. */
const pieceBytes = 32 * 1024;

/**
 * Brings an emulator to where a number of events of a recording are over: from where it is, or from the last snapshot
 * before. Whatever was on its way is drawn first, so nothing of it can come after the beginning.
 */
export function createFeeder<S>({ cast, snapshots, keeps, isAwaited, onBehind }: Options<S>): Feeder<S> {
  let sink: Sink<S> | null = null;
  let shown = 0;
  let wanted = 0;
  let busy = false;
  /** Bytes of output before where the way to what is wanted began, and before where it is. */
  let from = 0;
  let at = 0;
  let told: number | null = null;

  function tell(): void {
    const isThere = shown === wanted || sink === null;
    const all = cast.startOf(wanted) - from;
    const share = isThere ? null : all > 0 ? Math.max(0, Math.min(1, (at - from) / all)) : 0;
    if (share === told) return;
    told = share;
    onBehind?.(share);
  }

  /** By the shortest way; false where somebody else is nearer and waited for. */
  function jump(to: Sink<S>): boolean {
    const near = snapshots.before(wanted);
    const isBack = wanted < shown;
    const isShorter = isBack || (near?.start ?? 0) - cast.startOf(shown) > worthAJump;
    at = isShorter ? (near?.start ?? 0) : cast.startOf(shown);
    if (cast.startOf(wanted) - at > 2 * snapshots.interval && isAwaited?.(wanted)) return false;
    if (isShorter) {
      shown = near?.event ?? 0;
      if (near) to.restore(near.state);
      else to.clear(cast);
    }
    return true;
  }

  /** What can be written before the emulator has to be resized; that resize, too. */
  function next(): { output: Uint8Array[]; size: Size | null } {
    const start = cast.startOf(shown);
    let size: Size | null = null;
    while (shown < wanted && size === null && cast.startOf(shown) - start < mostAtOnce) {
      size = cast.sizeAt(shown);
      shown++;
      if (keeps && snapshots.isDue(cast.startOf(shown))) break;
    }
    const output: Uint8Array[] = [];
    for (const part of cast.read(start, cast.startOf(shown)))
      for (let from = 0; from < part.length; from += pieceBytes) output.push(part.subarray(from, from + pieceBytes));
    return { output, size };
  }

  function keep(to: Sink<S>): void {
    const start = cast.startOf(shown);
    if (!keeps || !snapshots.isDue(start)) return;
    const kept = to.state();
    if (kept) snapshots.add({ event: shown, start, ...kept });
  }

  function feed(): void {
    const to = sink;
    if (busy || to === null) return tell();
    if (!jump(to) || shown === wanted) return tell();
    const { output, size } = next();
    busy = true;
    const done = (): void => {
      // Another emulator may have taken its place.
      if (sink !== to) return;
      busy = false;
      if (size) to.resize(size);
      keep(to);
      feed();
    };
    for (const piece of output.slice(0, -1)) to.write(piece, () => {});
    to.write(output.at(-1) ?? new Uint8Array(), done);
    tell();
  }

  return {
    into(next) {
      sink = next;
      shown = 0;
      busy = false;
      feed();
    },
    showUpTo(events) {
      if (events !== wanted) from = events < shown ? (snapshots.before(events)?.start ?? 0) : cast.startOf(shown);
      wanted = events;
      feed();
    },
    look: feed,
    get shown() {
      return shown;
    },
  };
}
