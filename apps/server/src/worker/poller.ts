import { maxShard, type WorkerSettings } from '@omanager/contract';
import type { UsedCredentials } from './credentials.ts';
import type { HeldRuns, Shard } from './heldRuns.ts';
import type { ServerLink } from './serverLink.ts';

interface Options {
  link: Pick<ServerLink, 'call'>;
  instance: string;
  version: string;
  held: HeldRuns;
  credentials: UsedCredentials;
  /** Hosts that this process could begin now. */
  free(): number;
  onSettings(settings: WorkerSettings): void;
  onShards(shards: readonly Shard[]): void;
  /** The operators want something else of a run. */
  onControl(runId: string): void;
  log: { warn(details: object, message: string): void };
}

export interface Poller {
  start(): void;
  /** What the server should know has changed: the question is asked anew. */
  changed(): void;
  /** Asks for nothing more; what was claimed meanwhile is still delivered. */
  stop(): Promise<void>;
}

const waitMs = 20_000;
/** While there is no room for more, only controls are waited for, and not for long: room may come. */
const fullWaitMs = 1000;
const retryMs = 1000;
const stopWithinMs = 1000;
/** News that come together are told together. */
const newsMs = 200;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Asks the server for work and for news, again and again: one question is always under way. A newer one ends the one
 * before, whose answer still counts.
 */
export function createPoller(options: Options): Poller {
  const { link, instance, version, held, credentials, log } = options;
  const stopped = new AbortController();
  let stopping = false;
  let polling: Promise<void> = Promise.resolve();
  const asked = new Set<Promise<void>>();
  let news = Promise.withResolvers<void>();

  async function pollOnce(): Promise<void> {
    const want = Math.max(0, Math.min(maxShard, options.free() - held.inboxed));
    const wait = want > 0 ? waitMs : fullWaitMs;
    const known = credentials.list();
    const { settings, shards, controls, stale } = await link.call(
      'worker.claim',
      { instance, version, want, waitMs: wait, holding: held.holding(), credentials: known },
      { signal: stopped.signal, timeoutMs: wait + 10_000 },
    );
    options.onSettings(settings);
    for (const { id, version: at } of known) if (stale.includes(id)) credentials.stale(id, at);
    options.onShards(shards);
    for (const { runId, ...orders } of controls) {
      held.ordered(runId, orders);
      options.onControl(runId);
    }
  }

  async function pollUntilStopped(): Promise<void> {
    while (!stopping) {
      news = Promise.withResolvers();
      const answered = pollOnce().catch(refused);
      asked.add(answered);
      void answered.then(() => asked.delete(answered));
      await Promise.race([answered, news.promise.then(() => pause(newsMs))]);
    }
    await Promise.all(asked);
  }

  async function refused(error: unknown): Promise<void> {
    if (stopping) return;
    log.warn({ err: String(error).slice(0, 500) }, 'the server gave no work; asking again');
    await pause(retryMs);
  }

  return {
    start() {
      polling = pollUntilStopped();
    },
    changed: () => news.resolve(),
    async stop() {
      stopping = true;
      news.resolve();
      // The question under way is then answered at once, and claims nothing more.
      const last = { instance, version, want: 0, waitMs: 0 };
      await link.call('worker.claim', last, { signal: AbortSignal.timeout(stopWithinMs) }).catch(() => undefined);
      const late = setTimeout(() => stopped.abort(), stopWithinMs);
      await polling;
      clearTimeout(late);
    },
  };
}
