import { OmError, type ParamsOf, type ResultOf } from '@omanager/contract';
import { compileLineFilter } from '@omanager/task-module';
import type { Bus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import { createTurns, type Turns } from '../../../turns.ts';
import { type Hub, openHub } from './followHub.ts';
import type { FollowedLine } from './followLines.ts';
import { isAfter, type Keep, lastLines, linesAfter, newestThatFit, readCursor } from './followPast.ts';

type Asked = ParamsOf<'runs.follow'>;
type Event = ResultOf<'runs.follow'>;

const batch = { lines: 1000, chars: 512 * 1024 };
/** Who is further behind is shown the newest lines, and told how many were left out. */
const behind = { lines: 10_000, chars: 2 * 1024 * 1024, ms: 2000 };

interface Options {
  db: Database;
  bus: Bus;
  /** Of the event loop, among the filters of all watchers. */
  turns?: Turns;
}

/**
 * The merged output of a run, live. All who watch the same hosts of a run share one reader of the database; each gets
 * what its filter keeps at its own pace, and being slow makes nothing grow.
 */
export function createFollow({ db, bus, turns = createTurns(10) }: Options) {
  const hubs = new Map<string, { hub: Promise<Hub>; users: number }>();

  function join({ runId, hosts }: Asked): Disposable & { hub: Promise<Hub> } {
    const only = hosts && [...new Set(hosts)].sort((a, b) => a - b);
    const key = `${runId} ${only?.join(',') ?? 'all'}`;
    const onEnd = () => {
      if (hubs.get(key) === shared) hubs.delete(key);
    };
    const shared = hubs.get(key) ?? { hub: openHub({ db, bus, runId, hosts: only, onEnd }), users: 0 };
    hubs.set(key, shared);
    shared.users++;
    return {
      hub: shared.hub,
      [Symbol.dispose]() {
        if (--shared.users > 0) return;
        onEnd();
        shared.hub.then(
          (hub) => hub.stop(),
          () => {},
        );
      },
    };
  }

  /** A filter takes as much time as there is: the event loop goes on between its slices. */
  function keepOf(filter: Asked['filter']): Keep {
    if (!filter) return async (lines) => lines;
    const compiled = compileLineFilter(filter);
    if (typeof compiled === 'string') throw new OmError('INVALID_PARAMS', compiled);
    return async (lines) => {
      const kept: FollowedLine[] = [];
      for (const line of lines) {
        if (turns.over()) await turns.next();
        if (compiled.keeps(line.text)) kept.push(line);
      }
      return kept;
    };
  }

  return async function* follow(asked: Asked, signal: AbortSignal): AsyncIterable<Event> {
    const keep = keepOf(asked.filter);
    using joined = join(asked);
    const hub = await joined.hub;
    // Of one moment: what is stored up to `upTo` is read here, what comes after it by the hub.
    let { place, position: upTo } = hub;
    const after = asked.after === undefined ? undefined : readCursor(asked.after);
    const past = after
      ? await linesAfter(hub.reader, { after, upTo, keep })
      : await lastLines(hub.reader, { upTo, most: asked.tailLines, keep });
    const isNew = (line: FollowedLine) => after === undefined || isAfter(line, after);
    let skipped = past.skipped;
    let cursor = asked.after ?? `${upTo + 1}.0`;

    async function eventOf(lines: readonly FollowedLine[], done = false): Promise<Event> {
      const last = lines.at(-1);
      if (last) cursor = `${last.arrival}.${last.index + 1}`;
      const names = await hub.reader.names(lines);
      const event: Event = {
        lines: lines.map(({ ordinal, stream, at, text }) => ({
          ...{ ordinal, name: names.get(ordinal) ?? '', stream },
          ...{ at: iso(at), text },
        })),
        skipped,
        behindMs: last ? Math.max(0, hub.newestAt - last.at) : 0,
        cursor,
        done,
      };
      skipped = 0;
      return event;
    }

    for (let rest = past.lines; rest.length > 0 && !signal.aborted; ) {
      const lines = oldestThatFit(rest);
      rest = rest.slice(lines.length);
      yield eventOf(lines);
    }
    let pending: FollowedLine[] = [];
    while (!signal.aborted) {
      const news = hub.since(place);
      const { over } = hub;
      place = news.place;
      skipped += news.skipped;
      pending = [...pending, ...(await keep(news.lines.filter(isNew)))];
      const shown = isBehind(pending, hub.newestAt) ? newestThatFit(pending, batch) : pending;
      skipped += pending.length - shown.length;
      const lines = oldestThatFit(shown);
      pending = shown.slice(lines.length);
      const done = over && pending.length === 0;
      if (lines.length > 0 || skipped > 0 || done) yield eventOf(lines, done);
      if (done) return;
      if (pending.length === 0) await hub.changed(place, signal);
    }
  };
}

function isBehind(pending: readonly FollowedLine[], newestAt: number): boolean {
  const [oldest] = pending;
  if (!oldest || oldestThatFit(pending).length === pending.length) return false;
  const chars = pending.reduce((sum, { text }) => sum + text.length, 0);
  return pending.length > behind.lines || chars > behind.chars || newestAt - oldest.at > behind.ms;
}

/** As many as one event takes, at least one. */
function oldestThatFit(lines: readonly FollowedLine[]): FollowedLine[] {
  let chars = 0;
  const end = lines.findIndex(({ text }, i) => {
    chars += text.length;
    return i > 0 && (i >= batch.lines || chars > batch.chars);
  });
  return lines.slice(0, end < 0 ? lines.length : end);
}
