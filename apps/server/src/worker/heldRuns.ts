import type { ResultOf } from '@omanager/contract';
import type { ClaimedHost, Orders } from '../features/runs/claims/exchange.ts';

/** A run that this worker has hosts of. */
export interface HeldRun {
  orders: Orders;
  /** Claimed, and not handed to its driver yet. */
  inbox: ClaimedHost[];
  /** Handed out, and not reported yet. */
  out: Set<number>;
}

/** The runs that this worker has hosts of, and what the operators want of them as far as it knows. */
export interface HeldRuns {
  get(runId: string): HeldRun | undefined;
  /** Hosts that were claimed for this worker. */
  add(shard: Omit<Shard, 'sealed'>): void;
  /** Up to `n` claimed hosts; they are the driver's from now on. */
  take(runId: string, n: number): ClaimedHost[];
  /** The server has taken what there was to say about these. */
  settle(runId: string, ordinals: readonly number[]): void;
  ordered(runId: string, orders: Partial<Orders>): void;
  /** For `worker.claim`: runs and their orders. */
  holding(): { runId: string; control: Orders['control']; graceMs: number }[];
  /** Runs with hosts that no driver has. */
  waiting(): string[];
  /** Hosts in inboxes, over all runs. */
  readonly inboxed: number;
  inboxes(): { runId: string; hosts: ClaimedHost[] }[];
}

/** @param onGone told when the last host of a run was settled */
export function createHeldRuns(onGone: (runId: string) => void): HeldRuns {
  const runs = new Map<string, HeldRun>();

  function forgetIfDone(runId: string): void {
    const run = runs.get(runId);
    if (!run || run.inbox.length > 0 || run.out.size > 0) return;
    runs.delete(runId);
    onGone(runId);
  }

  return {
    get: (runId) => runs.get(runId),
    add({ runId, orders, hosts }) {
      const run = runs.get(runId) ?? { orders, inbox: [], out: new Set() };
      run.orders = orders;
      runs.set(runId, run);
      const again = new Set(hosts.map(({ ordinal }) => ordinal));
      run.inbox = [...run.inbox.filter(({ ordinal }) => !again.has(ordinal)), ...hosts];
    },
    take(runId, n) {
      const run = runs.get(runId);
      const taken = run?.inbox.splice(0, n) ?? [];
      for (const { ordinal } of taken) run?.out.add(ordinal);
      return taken;
    },
    settle(runId, ordinals) {
      const run = runs.get(runId);
      for (const ordinal of ordinals) run?.out.delete(ordinal);
      forgetIfDone(runId);
    },
    ordered(runId, orders) {
      const run = runs.get(runId);
      if (run) run.orders = { ...run.orders, ...orders };
    },
    holding: () =>
      [...runs].map(([runId, { orders }]) => ({ runId, control: orders.control, graceMs: orders.graceMs })),
    waiting: () => [...runs].flatMap(([runId, { inbox }]) => (inbox.length > 0 ? [runId] : [])),
    get inboxed() {
      return [...runs.values()].reduce((sum, { inbox }) => sum + inbox.length, 0);
    },
    inboxes: () => [...runs].flatMap(([runId, { inbox }]) => (inbox.length > 0 ? [{ runId, hosts: [...inbox] }] : [])),
  };
}

export type Shard = ResultOf<'worker.claim'>['shards'][number];
