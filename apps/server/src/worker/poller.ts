import { maxShard, type ResultOf, type WorkerSettings } from '@omanager/contract';
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
  /** Asks for nothing more; what was claimed meanwhile is still delivered. */
  stop(): Promise<void>;
}

const waitMs = 20_000;
/** While there is no room for more, only controls are waited for, and not for long: room may come. */
const fullWaitMs = 1000;
const retryMs = 1000;
const stopWithinMs = 1000;

/** Asks the server for work and for news, again and again: one question is always under way. */
export function createPoller(options: Options): Poller {
  const { link, instance, version, held, credentials, log } = options;
  const stopped = new AbortController();
  let stopping = false;
  let polling: Promise<void> = Promise.resolve();

  async function pollOnce(): Promise<void> {
    const want = Math.max(0, Math.min(maxShard, options.free() - held.inboxed));
    const wait = want > 0 ? waitMs : fullWaitMs;
    const answer = await link.call(
      'worker.claim',
      { instance, version, want, waitMs: wait, holding: held.holding(), credentials: credentials.list() },
      { signal: stopped.signal, timeoutMs: wait + 10_000 },
    );
    take(answer);
  }

  function take({ settings, shards, controls, stale }: ResultOf<'worker.claim'>): void {
    options.onSettings(settings);
    for (const id of stale) credentials.stale(id);
    options.onShards(shards);
    for (const { runId, ...orders } of controls) {
      held.ordered(runId, orders);
      options.onControl(runId);
    }
  }

  async function pollUntilStopped(): Promise<void> {
    while (!stopping) {
      try {
        await pollOnce();
      } catch (error) {
        if (stopping) return;
        log.warn({ err: String(error).slice(0, 500) }, 'the server gave no work; asking again');
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  return {
    start() {
      polling = pollUntilStopped();
    },
    async stop() {
      stopping = true;
      // The question under way is then answered at once, and claims nothing more.
      const last = { instance, version, want: 0, waitMs: 0 };
      await link.call('worker.claim', last, { signal: AbortSignal.timeout(stopWithinMs) }).catch(() => undefined);
      const late = setTimeout(() => stopped.abort(), stopWithinMs);
      await polling;
      clearTimeout(late);
    },
  };
}
