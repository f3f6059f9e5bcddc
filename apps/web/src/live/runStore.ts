import { type HostRun, type HostState, hostStates, type Run, type RunEvent } from '@omanager/contract';

/** What is known of one run: the run as it is now and its servers by ordinal. */
export interface RunStore {
  readonly run: Run | null;
  /** All changes up to it are in here: a watch goes on after it. */
  readonly revision: number;
  /** Another number after every change that was told. */
  readonly version: number;
  /** State by ordinal, as an index into `hostStates`; for painting. `unknownState` where nothing was heard yet. */
  readonly states: Uint8Array;
  /** How many servers are known so far. */
  readonly known: number;
  host(ordinal: number): HostRun | undefined;
  hosts(): Iterable<HostRun>;
  /** Takes an event of runs.watch. Events may come twice or in any order: newer facts stay. */
  apply(event: RunEvent): void;
  /** The run as an answer to a call had it. */
  applyRun(run: Run): void;
  subscribe(listener: () => void): () => void;
}

export const unknownState = 255;
const indexes: Readonly<Record<string, number>> = Object.fromEntries(hostStates.map((state, i) => [state, i]));

export const stateAt = (index: number): HostState => hostStates[index] ?? 'pending';
export const indexOfState = (state: HostState): number => indexes[state] ?? unknownState;

/** `frame` puts telling off: listeners are told at most once for each time that it calls back. */
export function createRunStore(frame: (then: () => void) => void): RunStore {
  let run: Run | null = null;
  let revision = 0;
  let version = 0;
  let states = new Uint8Array(0);
  /** Of each row that is kept; rows of an older revision change nothing. */
  let revisions = new Float64Array(0);
  const rows: (HostRun | undefined)[] = [];
  let known = 0;
  let told = true;
  const listeners = new Set<() => void>();

  function grow(size: number): void {
    if (states.length >= size) return;
    const grownStates = new Uint8Array(size).fill(unknownState);
    grownStates.set(states);
    const grownRevisions = new Float64Array(size).fill(-1);
    grownRevisions.set(revisions);
    states = grownStates;
    revisions = grownRevisions;
  }

  function tell(): void {
    if (!told) return;
    told = false;
    frame(() => {
      told = true;
      version += 1;
      for (const listener of [...listeners]) listener();
    });
  }

  function takeRun(next: Run): void {
    if (run !== null && next.revision < run.revision) return;
    run = next;
    grow(next.total);
  }

  return {
    get run() {
      return run;
    },
    get revision() {
      return revision;
    },
    get version() {
      return version;
    },
    get states() {
      return states;
    },
    get known() {
      return known;
    },
    host: (ordinal) => rows[ordinal],
    *hosts() {
      for (const row of rows) if (row) yield row;
    },
    apply(event) {
      takeRun(event.run);
      for (const host of event.hosts) {
        grow(host.ordinal + 1);
        if (host.revision <= (revisions[host.ordinal] ?? -1)) continue;
        if (rows[host.ordinal] === undefined) known += 1;
        rows[host.ordinal] = host;
        revisions[host.ordinal] = host.revision;
        states[host.ordinal] = indexOfState(host.state);
      }
      revision = Math.max(revision, event.revision);
      tell();
    },
    applyRun(next) {
      takeRun(next);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
