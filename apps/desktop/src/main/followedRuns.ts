import type { Client } from '@omanager/client';
import { finalRunStates, type Run } from '@omanager/contract';
import type { FollowedRun } from '@omanager/desktop-bridge';
import type { Notices } from './notifications.ts';
import type { DesktopTexts } from './texts.ts';

interface Options {
  changed(runs: readonly FollowedRun[]): void;
  notices: Pick<Notices, 'show'>;
  texts(): DesktopTexts;
  log(where: string, error: unknown): void;
}

const most = 20;
/** A run that was over sooner tells its end by itself: its person has hardly looked away. */
const worthANoticeMs = 30_000;

export interface FollowedRuns {
  /** Its page was opened here: it is followed to its end, also while nobody looks. */
  follow(client: Pick<Client, 'stream'>, runId: string): void;
  closeAll(): void;
}

/** Runs whose page was opened in this window, without their servers: for taskbar, tray and the notice of their end. */
export function createFollowedRuns({ changed, notices, texts, log }: Options): FollowedRuns {
  const followed = new Map<string, { stop: AbortController; run: FollowedRun | null }>();
  const tell = (): void => changed([...followed.values()].flatMap(({ run }) => run ?? []));

  async function watch(client: Pick<Client, 'stream'>, runId: string, stop: AbortController): Promise<void> {
    let wasUnderWay = false;
    for await (const { run } of client.stream('runs.watch', { runId, hosts: false }, { signal: stop.signal })) {
      const one = followed.get(runId);
      if (!one) return;
      one.run = followedRun(run);
      tell();
      if (!finalRunStates.has(run.state)) wasUnderWay = true;
      else return wasUnderWay ? sayEnd(run) : undefined;
    }
  }

  function sayEnd(run: Run): void {
    if (run.startedAt === null || run.endedAt === null) return;
    if (Date.parse(run.endedAt) - Date.parse(run.startedAt) < worthANoticeMs) return;
    const body = texts().ended.replace('{{ok}}', String(run.counts.ok)).replace('{{total}}', String(run.total));
    notices.show({ run: run.id, title: titleOf(run), body });
  }

  return {
    follow(client, runId) {
      if (followed.has(runId) || followed.size >= most) return;
      const stop = new AbortController();
      followed.set(runId, { stop, run: null });
      watch(client, runId, stop)
        .catch((error: unknown) => {
          if (!stop.signal.aborted) log('followed run', error);
        })
        .finally(() => {
          if (followed.get(runId)?.stop === stop) followed.delete(runId);
          tell();
        });
    },
    closeAll() {
      for (const { stop } of followed.values()) stop.abort();
      followed.clear();
      tell();
    },
  };
}

const titleOf = ({ number, module }: Run): string => `#${number} ${module.id}`;

function followedRun(run: Run): FollowedRun {
  const { pending, running, failed, unreachable, timed_out, lost } = run.counts;
  const done = Math.max(0, run.total - pending - running);
  // A run may be over with servers that never began: it is done all the same.
  const over = finalRunStates.has(run.state);
  return {
    id: run.id,
    title: titleOf(run),
    done: over ? Math.max(run.total, 1) : done,
    total: Math.max(run.total, 1),
    failed: failed + unreachable + timed_out + lost,
  };
}
