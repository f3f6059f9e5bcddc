import { type ErrorCode, maxShard, OmError, type ParamsIn, type ResultOf } from '@omanager/contract';
import type { Claims } from '../features/runs/claims/claims.ts';
import type { Exchange, Exchanged, HostAttempt, Orders } from '../features/runs/claims/exchange.ts';
import type { HeldRuns, Shard } from './heldRuns.ts';
import type { ServerLink } from './serverLink.ts';

interface Options {
  link: Pick<ServerLink, 'call'>;
  /** Names this process to the server. */
  instance: string;
  held: HeldRuns;
  /** Hosts that were claimed, with what is needed to reach them. */
  onShards(shards: readonly Shard[]): void;
  log: { error(details: object, message: string): void };
}

type Report = Omit<ParamsIn<'worker.report'>, 'instance' | 'runId' | 'want'>;

const reportBytes = 3 * 1024 * 1024;
const reportItems = 500;
const reportChunks = 5000;
/** A connection that is dead should be found out while the lease lives. */
const renewWithinMs = 5000;
const forGood: ReadonlySet<ErrorCode> = new Set(['INVALID_PARAMS', 'FORBIDDEN', 'NOT_FOUND', 'TOO_LARGE']);

/** The claims of the server, as a worker of another zone has them: the same rules, by messages. */
export function createRemoteClaims({ link, instance, held, onShards, log }: Options): Claims {
  async function begin(runId: string, begins: HostAttempt[]): Promise<Pick<Exchanged, 'begun'>> {
    const begun = new Set<number>();
    for (let i = 0; i < begins.length; i += maxShard) {
      const hosts = begins.slice(i, i + maxShard).map(({ ordinal, attempt }) => ({ ordinal, attempt }));
      const done = await link.call('worker.begin', { instance, runId, hosts }).catch(unlessForGood);
      // Refused for good: none of them may begin.
      if (!done) continue;
      for (const ordinal of done.begun) begun.add(ordinal);
      held.ordered(runId, done.orders);
    }
    return { begun };
  }

  async function report(runId: string, asked: Exchange, want: number): Promise<number[]> {
    const accepted: number[] = [];
    const reports = cut(asked);
    for (const [i, one] of reports.entries()) {
      const last = i === reports.length - 1;
      const done = await hand({ instance, runId, ...one, want: last ? want : 0 });
      if (!done) continue;
      accepted.push(...done.accepted);
      // In this order: claimed hosts keep the run, and what was said of the others may end it.
      onShards(done.shards);
      held.ordered(runId, done.orders);
    }
    return accepted;
  }

  /**
   * Null for what the server will not take however often it is sent: its leases must not live for ever because of that,
   * so the bare result is tried, and then nothing is said any more.
   */
  async function hand(whole: ParamsIn<'worker.report'>): Promise<ResultOf<'worker.report'> | null> {
    const { chunks: _chunks, probed: _probed, results = [], ...rest } = whole;
    const bare = results.map(({ ordinal, attempt, state, exitCode }) => ({ ordinal, attempt, state, exitCode }));
    for (const given of [whole, { ...rest, results: bare }]) {
      try {
        return await link.call('worker.report', given);
      } catch (error) {
        unlessForGood(error);
        log.error({ runId: whole.runId, err: String(error) }, 'the server does not take a report');
      }
    }
    return null;
  }

  const renewals = new Map<string, Set<number>>();
  let renewing: Promise<void> | undefined;

  /** One call at a time, for all runs together: what comes meanwhile goes with the next. */
  async function renewAll(): Promise<void> {
    await Promise.resolve();
    const batch = [...renewals].map(([runId, ordinals]) => ({ runId, ordinals: [...ordinals] }));
    renewals.clear();
    for (const { runId, hosts } of held.inboxes()) batch.push({ runId, ordinals: hosts.map(({ ordinal }) => ordinal) });
    await link.call('worker.renew', { instance, holding: batch }, { timeoutMs: renewWithinMs });
  }

  return {
    async exchange(runId, _scope, asked) {
      const waiting = held.get(runId)?.inbox.length ?? 0;
      const want = Math.min(Math.max(0, asked.want - waiting), maxShard);
      const said = asked.chunks.length + asked.results.length + asked.probed.length > 0;
      const asks = want > 0 && waiting === 0;
      const [{ begun }, accepted] = await Promise.all([
        begin(runId, asked.begins),
        said || asks ? report(runId, asked, want) : [],
      ]);
      const claimed = held.take(runId, asked.want);
      const { orders } = held.get(runId) ?? { orders: none };
      held.settle(
        runId,
        [...asked.results, ...asked.probed].map(({ ordinal }) => ordinal),
      );
      return { begun, accepted: new Set(accepted), claimed, ...orders, changed: false };
    },

    async renew(runId, _owner, ordinals) {
      const known = renewals.get(runId) ?? new Set();
      for (const ordinal of ordinals) known.add(ordinal);
      renewals.set(runId, known);
      renewing ??= renewAll().finally(() => {
        renewing = undefined;
      });
      await renewing;
    },

    unfinished: async () => held.waiting(),
    // The server sees to these.
    expired: async () => [],
    takeBack: async () => 0,
    endAllLeases: async () => {},
  };
}

const none: Orders = { control: 'run', graceMs: 10_000, forced: false, outputBytes: 0 };

/** What the server refuses however often it is asked; anything else is asked again. */
function unlessForGood(error: unknown): undefined {
  if (!(error instanceof OmError) || !forGood.has(error.code)) throw error;
}

/** Cuts what there is to say into messages of bounded size, output before the results that it belongs to. */
function cut({ chunks, results, probed }: Exchange): Report[] {
  const reports: Report[] = [];
  let part: NonNullable<Report['chunks']> = [];
  let bytes = 0;
  for (const chunk of chunks) {
    if (part.length >= reportChunks || (bytes > 0 && bytes + chunk.data.length > reportBytes)) {
      reports.push({ chunks: part });
      part = [];
      bytes = 0;
    }
    part.push({ ...chunk, data: Buffer.from(chunk.data).toString('base64') });
    bytes += chunk.data.length;
  }
  reports.push({ chunks: part });
  for (let i = 0; i < results.length; i += reportItems) reports.push({ results: results.slice(i, i + reportItems) });
  for (const { tail, ...answer } of probed) {
    const data = tail === null ? null : Buffer.from(tail).toString('base64');
    reports.push({ probed: [{ ...answer, tail: data }] });
  }
  const [first, second] = reports;
  // The common case: all of it fits into one.
  if (first && second && reports.length === 2 && bytes < reportBytes / 2) return [{ ...first, ...second }];
  return reports;
}
