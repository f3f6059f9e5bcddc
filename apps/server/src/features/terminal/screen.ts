import { maxTerminalBytes, type TerminalOutput } from '@omanager/contract';
import { createRing } from './ring.ts';

type State = Pick<TerminalOutput, 'state' | 'cols' | 'rows' | 'end' | 'message' | 'idleEndsAt'>;

/** Kept for a page that is opened anew. */
const keptBytes = 128 * 1024;
/** So much may have been said that nobody has been shown; then the shell waits. */
const maxUnshownBytes = 512 * 1024;

/** What the shell has said, for who types and who looks on; the one who types sets the pace. */
export interface Screen {
  append(data: Buffer): void;
  set(change: Partial<State>): void;
  readonly state: State;
  /** Bytes up to there have been shown to who types. */
  shown(offset: number): void;
  /** Resolves when more may come; undefined when it may now. */
  room(): Promise<void> | undefined;
  /** Everything after an offset, and each change of state; ends after the last byte of an ended terminal. */
  follow(after: number | undefined, signal: AbortSignal): AsyncGenerator<TerminalOutput, void, undefined>;
  /** Nobody waits for anybody any more. */
  release(): void;
}

export function createScreen(first: State): Screen {
  const ring = createRing();
  const changed = new Set<() => void>();
  const freed = new Set<() => void>();
  let state = first;
  let shownTo = 0;
  let released = false;

  function wake(waiting: Set<() => void>): void {
    const all = [...waiting];
    waiting.clear();
    for (const resolve of all) resolve();
  }

  const isFull = () => !released && ring.end - shownTo >= maxUnshownBytes;

  async function change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    changed.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    changed.delete(resolve);
  }

  return {
    append(data) {
      ring.append(data);
      ring.forget(Math.min(shownTo, ring.end - keptBytes));
      wake(changed);
    },
    set(next) {
      state = { ...state, ...next };
      wake(changed);
    },
    get state() {
      return state;
    },
    shown(offset) {
      shownTo = Math.max(shownTo, Math.min(offset, ring.end));
      ring.forget(Math.min(shownTo, ring.end - keptBytes));
      if (!isFull()) wake(freed);
    },
    room() {
      if (!isFull()) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      freed.add(resolve);
      return promise;
    },
    async *follow(after, signal) {
      let at = Math.min(after ?? ring.start, ring.end);
      let told: State | undefined;
      while (!signal.aborted) {
        const skipped = Math.max(0, ring.start - at);
        const offset = at + skipped;
        const data = ring.read(offset, maxTerminalBytes);
        const now = state;
        if (data.length > 0 || now !== told) {
          at = offset + data.length;
          told = now;
          yield { ...now, offset, skipped, data: data.toString('base64') };
          continue;
        }
        if (now.end !== null) return;
        await change(signal);
      }
    },
    release() {
      released = true;
      wake(freed);
    },
  };
}
