import type { OmError, OutputLine, ResultOf } from '@omanager/contract';

export type LinePage = Omit<ResultOf<'runs.lines'>, 'attempt'>;
/** A line, and when it began to arrive. */
export type TimedLine = OutputLine & { readonly at: string | undefined };
export type LineRequest = { kind: 'line'; line: number } | { kind: 'end' };

/** The lines of one output, loaded where somebody looks; only so many are kept. */
export interface LineSource {
  readonly totals: LinePage['totals'] | null;
  readonly over: boolean;
  readonly cut: boolean;
  readonly discardedBytes: number;
  readonly error: OmError | null;
  readonly version: number;
  /** One that is not UTF-8, in which the last such line was read. */
  readonly encoding: string | null;
  line(number: number): TimedLine | undefined;
  /** These lines are looked at: those that are missing are loaded. */
  want(from: number, to: number): void;
  /** There may be more by now. */
  refresh(): void;
  /** The same lines come otherwise now: what was loaded is loaded again. */
  restart(): void;
  subscribe(listener: () => void): () => void;
}

const pageLines = 300;
const mostKept = 20_000;

/** `load` answers like runs.lines; one call is under way at a time, and what is wanted last comes first. */
export function createLineSource(
  load: (at: LineRequest, limit: number) => Promise<LinePage>,
  asError: (error: unknown) => OmError,
): LineSource {
  const lines = new Map<number, TimedLine>();
  const listeners = new Set<() => void>();
  let totals: LinePage['totals'] | null = null;
  let wanted = { from: 1, to: 0 };
  let [over, cut, discardedBytes, version] = [false, false, 0, 0];
  let error: OmError | null = null;
  let encoding: string | null = null;
  let restarts = 0;
  let busy = false;
  let stale = true;

  function next(): LineRequest | null {
    if (error) return null;
    if (stale) return { kind: 'end' };
    const last = Math.min(wanted.to, totals?.lines ?? 0);
    for (let number = Math.max(wanted.from, totals?.first ?? 1); number <= last; number++)
      if (!lines.has(number)) return { kind: 'line', line: number };
    return null;
  }

  function take(page: LinePage): void {
    ({ totals, over, cut, discardedBytes } = page);
    let time = 0;
    for (const line of page.lines) {
      while ((page.times[time + 1]?.line ?? Number.POSITIVE_INFINITY) <= line.line) time += 1;
      lines.delete(line.line);
      lines.set(line.line, { ...line, at: page.times[time]?.at });
      encoding = line.encoding ?? encoding;
    }
    // The oldest loaded go first; what is looked at now was loaded last or is loaded again.
    for (const number of lines.keys()) {
      if (lines.size <= mostKept) break;
      if (number < wanted.from || number > wanted.to) lines.delete(number);
    }
  }

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      for (let request = next(); request; request = next()) {
        if (request.kind === 'end') stale = false;
        const started = restarts;
        const page = await load(request, pageLines);
        if (started !== restarts) continue;
        take(page);
        // A line that the server does not have would be asked for for ever.
        if (request.kind === 'line' && !lines.has(request.line)) break;
        changed();
      }
    } catch (cause) {
      error = asError(cause);
      changed();
    } finally {
      busy = false;
    }
  }

  function changed(): void {
    version += 1;
    for (const listener of [...listeners]) listener();
  }

  return {
    get totals() {
      return totals;
    },
    get over() {
      return over;
    },
    get cut() {
      return cut;
    },
    get discardedBytes() {
      return discardedBytes;
    },
    get error() {
      return error;
    },
    get encoding() {
      return encoding;
    },
    get version() {
      return version;
    },
    line: (number) => lines.get(number),
    want(from, to) {
      wanted = { from, to };
      work();
    },
    refresh() {
      stale = true;
      error = null;
      work();
    },
    restart() {
      restarts += 1;
      lines.clear();
      encoding = null;
      stale = true;
      changed();
      work();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
