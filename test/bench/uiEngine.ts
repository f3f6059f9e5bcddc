import { createHash } from 'node:crypto';
import type { HostIo, PlanEngine } from '../../apps/server/src/features/runs/execute/engine.ts';

/** What the hosts of a run do. Everything behind the engine (claims, store, streams) is real. */
export type UiWork =
  /** They end, so that so many states change each second; `good`: the share of them that ends well. */
  | { kind: 'states'; changesPerSecond: number; good: number }
  /** Each writes `lines` lines at this pace, or as fast as they are taken; each line says when it was written. */
  | { kind: 'lines'; lines: number; perSecond: number | null }
  /** Each begins and stays. */
  | { kind: 'wait' };

/** What the last host that wrote lines has written. */
export interface Wrote {
  lines: number;
  bytes: number;
  sha256: string;
  lastLine: string;
}

/** Connecting, running, its end. */
const changesOfHost = 3;
const lineBytes = 100;
const stepMs = 20;
const atOnce = 500;
const holdMs = 1000;

export function createUiEngine(): { engine: PlanEngine; work(next: UiWork): void; wrote(): Wrote } {
  let now: UiWork = { kind: 'wait' };
  let wrote: Wrote = { lines: 0, bytes: 0, sha256: '', lastLine: '' };
  /** When the next host may begin, so that they begin evenly. */
  let nextAt = 0;

  async function changeState(
    { changesPerSecond, good }: Extract<UiWork, { kind: 'states' }>,
    ordinal: number,
    io: HostIo,
  ): ReturnType<PlanEngine['run']> {
    nextAt = Math.max(nextAt, performance.now()) + (changesOfHost * 1000) / changesPerSecond;
    await pause(nextAt - performance.now(), io.aborted);
    if (!(await io.begin())) return { state: 'not_started' };
    await pause(holdMs, io.aborted);
    if (io.aborted.aborted) return { state: 'aborted' };
    const kind = ordinal % 3;
    await io.write('stdout', Buffer.from(`checked ${kind === 0 ? 'disk: 81 % used' : 'disk: fine'}\n`));
    if ((ordinal * 7919) % 1000 < good * 1000) return { state: 'ok', exitCode: 0 };
    return kind === 0 ? { state: 'timed_out' } : { state: 'failed', exitCode: kind };
  }

  async function writeLines(
    { lines, perSecond }: Extract<UiWork, { kind: 'lines' }>,
    io: HostIo,
  ): ReturnType<PlanEngine['run']> {
    if (!(await io.begin())) return { state: 'not_started' };
    const hash = createHash('sha256');
    const began = performance.now();
    let [done, bytes, lastLine] = [0, 0, ''];
    while (done < lines && !io.aborted.aborted) {
      const due = perSecond === null ? done + atOnce : Math.floor(((performance.now() - began) * perSecond) / 1000);
      const until = Math.min(lines, due);
      const texts: string[] = [];
      const at = Date.now();
      for (; done < until; done++) texts.push(`line ${done + 1} written ${at} `.padEnd(lineBytes - 1, 'abcdefgh '));
      lastLine = texts.at(-1) ?? lastLine;
      const data = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      hash.update(data);
      bytes += data.length;
      if (data.length > 0) await io.write('stdout', data);
      if (perSecond !== null) await pause(stepMs, io.aborted);
    }
    wrote = { lines: done, bytes, sha256: hash.digest('hex'), lastLine };
    return io.aborted.aborted ? { state: 'aborted' } : { state: 'ok', exitCode: 0 };
  }

  return {
    engine: {
      async run({ ordinal }, io) {
        const work = now;
        if (work.kind === 'states') return changeState(work, ordinal, io);
        if (work.kind === 'lines') return writeLines(work, io);
        if (!(await io.begin())) return { state: 'not_started' };
        await pause(3_600_000, io.aborted);
        return { state: 'aborted' };
      },
      probe: async () => ({
        ...{ found: 'unknown', exitCode: null, pid: null, survivors: [], message: 'nothing is known', tail: null },
      }),
    },
    work(next) {
      now = next;
    },
    wrote: () => wrote,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
