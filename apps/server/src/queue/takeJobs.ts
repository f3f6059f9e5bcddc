import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';

interface Options {
  /** Waits some seconds for a job. */
  next(): Promise<Job | undefined>;
  room(): boolean;
  take(runId: string): void;
  /** It was fetched, and nobody here will take it any more. */
  giveBack(runId: string): void;
  failed(error: unknown): void;
}

const retryMs = 1000;
/** After this many empty answers at once something is wrong (a rate limit, say), since `next` waits. */
const patience = 5;
const hastyMs = 20;

/**
 * Fetches jobs one after the other, while there is room. A job is removed *before* it is taken: a wake-up that comes
 * while its run is being claimed finds no job with that id, so it becomes one. Dying in between costs one sweep.
 */
export function takeJobs({ next, room, take, giveBack, failed }: Options): { ready(): void; stop(): void } {
  const stopping = new AbortController();
  let ready = () => {};
  stopping.signal.addEventListener('abort', () => ready());
  let hasty = 0;

  async function untilRoom(): Promise<void> {
    if (room()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    ready = resolve;
    await promise;
  }

  async function takeOne(): Promise<void> {
    const began = performance.now();
    const job = await next();
    if (!job) {
      hasty = performance.now() - began < hastyMs ? hasty + 1 : 0;
      if (hasty > patience) await pause();
      return;
    }
    hasty = 0;
    const { id = '' } = job;
    // When that fails it comes again, once its lock has ended.
    await job.moveToCompleted('', job.token ?? '', false).catch(failed);
    if (stopping.signal.aborted) giveBack(id);
    else take(id);
  }

  const pause = () => sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);

  async function takeUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await untilRoom();
      if (stopping.signal.aborted) return;
      try {
        await takeOne();
      } catch (error) {
        if (stopping.signal.aborted) return;
        failed(error);
        await pause();
      }
    }
  }

  void takeUntilStopped();
  return { ready: () => ready(), stop: () => stopping.abort() };
}
