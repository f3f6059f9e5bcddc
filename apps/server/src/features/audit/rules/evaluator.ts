import type { AlertRule, CommandEvent } from '@omanager/contract';
import type { Bus } from '../../../bus/bus.ts';
import type { Database, Tx } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { startRounds } from '../../../rounds.ts';
import { toCommandEvent } from '../commands/commandEvent.ts';
import { eventsOfBatch } from '../commands/commandStore.ts';
import { queuedBatches, unqueueBatch, unqueueBatches } from './alertQueue.ts';
import { type AlertRow, type Hits, raise } from './alertStore.ts';
import { type CompiledRule, candidates, compileRules } from './compiledRules.ts';
import { type DescribeHosts, hitsOf, userOf } from './matcher.ts';
import { listRules } from './ruleStore.ts';

interface Options {
  db: Database;
  bus: Pick<Bus, 'publish' | 'subscribe'>;
  describe: DescribeHosts;
  /** In the transaction that raises it. */
  raised?: (tx: Tx, alert: AlertRow, rule: AlertRule) => Promise<void>;
  /** What else is done once with batches: the work in the transaction that takes them off the queue. */
  behind?: (batches: readonly string[]) => Promise<(tx: Tx) => Promise<void>>;
  log: { error(details: object, message: string): void };
  everyMs?: number;
}

const leaseMs = 30_000;
const batchesAtOnce = 200;

/**
 * Holds stored commands against the rules, behind ingestion: one process at a time, batch by batch from the queue that
 * ingestion fills. A batch leaves the queue with the alerts that it raises, in one transaction.
 */
export function createEvaluator({ db, bus, describe, raised, behind, log, everyMs = 1000 }: Options) {
  const lease = createLease(db, 'alert rules', leaseMs);
  const closing = new AbortController();
  let rounds: ReturnType<typeof startRounds> | undefined;
  let unsubscribe: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let failing = false;

  async function drain(): Promise<void> {
    while (!closing.signal.aborted) {
      const batches = await queuedBatches(db.knex, batchesAtOnce);
      if (batches.length === 0 || !(await lease.hold())) return;
      const rules = compileRules(await listRules(db.knex, { enabled: true }));
      if (rules.length === 0) {
        const alongside = await behind?.(batches);
        await db.transaction(async (tx) => {
          const taken = await unqueueBatches(tx, batches);
          // Somebody else was faster with some of them: all are looked at again.
          if (taken < batches.length) throw new Error('batches were taken by another process');
          await alongside?.(tx);
        });
        continue;
      }
      for (const batch of batches) {
        if (closing.signal.aborted) return;
        await evaluate(batch, rules);
      }
    }
  }

  async function evaluate(batch: string, rules: readonly CompiledRule[]): Promise<void> {
    const events = (await eventsOfBatch(db.knex, batch)).map(toCommandEvent);
    const hits: Hits[] = [];
    for (const { rule, matcher } of rules)
      hits.push(...together(rule, await hitsOf(matcher, await candidates(matcher, events), describe)));
    const alongside = await behind?.([batch]);
    const changed = await db.transaction(async (tx) => {
      if (!(await unqueueBatch(tx, batch))) return false;
      await alongside?.(tx);
      for (const found of hits) {
        const alert = await raise(tx, found, Date.now());
        if (alert) await raised?.(tx, alert, found.rule);
      }
      return hits.length > 0;
    });
    if (changed) bus.publish('alert');
  }

  async function look(): Promise<void> {
    try {
      await drain();
      failing = false;
    } catch (error) {
      if (!failing) log.error({ err: String(error).slice(0, 500) }, 'evaluating alert rules failed; it is tried again');
      failing = true;
    }
  }

  function wake(): void {
    again = true;
    running ??= (async () => {
      while (again && !closing.signal.aborted) {
        again = false;
        await look();
      }
      running = undefined;
    })();
  }

  return {
    /** All that is queued now. */
    drain,
    start() {
      unsubscribe = bus.subscribe('commands', wake);
      rounds = startRounds(everyMs, async () => wake());
      wake();
    },
    async stop() {
      closing.abort();
      unsubscribe?.();
      await rounds?.stop();
      await running;
      await lease.release().catch(() => {});
    },
  };
}

/** Those of one server and user; each by itself when the rule counts none together. */
function together(rule: AlertRule, events: readonly CommandEvent[]): Hits[] {
  if (rule.cooldownSeconds === 0) return events.map((event): Hits => ({ rule, events: [event] }));
  const groups = new Map<string, [CommandEvent, ...CommandEvent[]]>();
  for (const event of events) {
    const key = JSON.stringify([event.hostName, userOf(event)]);
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()].map((group): Hits => ({ rule, events: group }));
}
