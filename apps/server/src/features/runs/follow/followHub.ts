import { setTimeout as sleep } from 'node:timers/promises';
import { type Bus, createWaiter } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import { createLineMerger, type FollowedLine } from './followLines.ts';
import { createFollowReader, type FollowReader } from './followReader.ts';

/** Up to where a watcher has read in the hub. */
export interface Place {
  line: number;
  skipped: number;
  /** Of the hub when this was read: it also changes when the run is over. */
  version: number;
}

/** Reads the output of one run once, for all who watch it, and keeps the newest lines. */
export interface Hub {
  readonly reader: FollowReader;
  /** All chunks up to this arrival have been read; what comes after them stands after `place`. */
  readonly position: number;
  readonly place: Place;
  /** When the newest line was stored, by the database's clock; 0 before there is one. */
  readonly newestAt: number;
  /** The run is over and all of its output was read. */
  readonly over: boolean;
  /** What came after a place, and how many lines of it are gone already. Throws what reading threw. */
  since(place: Place): { lines: FollowedLine[]; skipped: number; place: Place };
  /** Resolves when something has changed since a place was read, be it before this call, or with the signal. */
  changed(since: Place, signal: AbortSignal): Promise<void>;
  stop(): void;
}

interface Options {
  db: Database;
  bus: Bus;
  runId: string;
  /** Only these; undefined: all. */
  hosts: readonly number[] | undefined;
  /** It reads no more: the run is over, or reading failed. */
  onEnd(): void;
}

/** Sweeping while nobody wakes us: a lost bus message costs this much. */
const sweepMs = 1000;
const minGapMs = 100;
const most = { lines: 20_000, chars: 4 * 1024 * 1024 };

/** Opens a hub at what is stored now; it reads on until `stop`, or until the run is over. */
export async function openHub({ db, bus, runId, hosts, onEnd }: Options): Promise<Hub> {
  const reader = createFollowReader(db.knex, runId, hosts);
  const merger = createLineMerger();
  const stopped = new AbortController();
  let { revision } = await reader.progress(0);
  let position = await reader.newest();
  let lines: FollowedLine[] = [];
  let chars = 0;
  /** How many lines were dropped from the front of `lines`. */
  let dropped = 0;
  /** Lines that were never read. */
  let skipped = 0;
  let newestAt = 0;
  let over = false;
  let version = 0;
  let failure: { error: unknown } | undefined;
  const waiting = new Set<() => void>();

  const place = (): Place => ({ line: dropped + lines.length, skipped, version });

  function add(more: readonly FollowedLine[]): void {
    for (const line of more) {
      lines.push(line);
      chars += line.text.length;
      newestAt = Math.max(newestAt, line.at);
    }
    let gone = 0;
    for (; lines.length - gone > most.lines || chars > most.chars; gone++) chars -= lines[gone]?.text.length ?? 0;
    if (gone > 0) lines = lines.slice(gone);
    dropped += gone;
  }

  async function look(): Promise<void> {
    // States are read before the output: what a host or a run that is over wrote is all there.
    const progress = await reader.progress(revision);
    const arrived = await reader.arrived({ after: position });
    const merged = await reader.merge(merger, arrived);
    const rest = progress.over ? merger.closeAll(newestAt) : progress.ended.flatMap((n) => merger.close(n, newestAt));
    // From here on at once, so that position and place are always of the same moment.
    revision = progress.revision;
    position = arrived.chunks.at(-1)?.arrival ?? position;
    skipped += merger.takeSkipped();
    add(merged);
    add(rest);
    over = progress.over;
  }

  async function readOn(): Promise<void> {
    using news = createWaiter(bus, `run:${runId}`, stopped.signal, sweepMs);
    while (!stopped.signal.aborted && !over) {
      const beganAt = performance.now();
      const before = place();
      await look();
      if (over || before.line !== dropped + lines.length || before.skipped !== skipped) tell();
      await sleep(Math.max(0, minGapMs - (performance.now() - beganAt)), undefined, { signal: stopped.signal }).catch(
        () => {},
      );
      if (!over) await news.wait();
    }
  }

  function tell(): void {
    version++;
    for (const resolve of [...waiting]) resolve();
  }

  readOn()
    .catch((error) => {
      failure = { error };
      tell();
    })
    .finally(onEnd);

  return {
    reader,
    get position() {
      return position;
    },
    get place() {
      return place();
    },
    get newestAt() {
      return newestAt;
    },
    get over() {
      return over;
    },
    since(from) {
      if (failure) throw failure.error;
      const at = Math.max(0, from.line - dropped);
      const gone = Math.max(0, dropped - from.line);
      return { lines: lines.slice(at), skipped: gone + skipped - from.skipped, place: place() };
    },
    changed(since, signal) {
      if (signal.aborted || since.version !== version) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        signal.addEventListener('abort', done);
        waiting.add(done);
      });
    },
    stop: () => stopped.abort(),
  };
}
