import { type DiscardReason, discardReasons } from '@omanager/contract';
import { createBeginning, type HostBudget } from './budgetHost.ts';
import { createRing } from './budgetRing.ts';

export interface OutputLimits {
  /** Bytes stored for one host and attempt, over both streams; the rest is read, counted and thrown away. */
  capBytes: number;
  /** Bytes stored for one run, over all its hosts and attempts. None given: no such limit. */
  runCapBytes?: number;
  /** Whether the disk has no room for output; results and states are stored all the same. */
  diskIsLow?(): boolean;
  /** Told of everything that is thrown away. */
  onDiscard?(reason: DiscardReason, bytes: number): void;
}

/** What this process may still keep for one run. */
export interface RunBudget {
  host(): HostBudget;
  /** The same for output of which the newest is wanted: it takes the place of the oldest. */
  ring(): HostBudget;
  /** The store took `sent` of the bytes that were kept here; the run's counter stands at `stored` now. */
  settled(stored: number, sent: number): void;
}

/**
 * Each process gives no more room than the store's counter, as of its last exchange, and its own waiting output
 * leave. Processes that fill the last room of a run at the same time exceed its cap by what they had waiting.
 */
export function createRunBudget(limits: OutputLimits): RunBudget {
  const { capBytes, runCapBytes = Number.POSITIVE_INFINITY, diskIsLow = () => false, onDiscard } = limits;
  let stored = 0;
  let waiting = 0;
  const room = () => Math.max(0, runCapBytes - stored - waiting);
  const onKeep = (bytes: number): void => {
    waiting += bytes;
  };
  const options = { capBytes, room, diskIsLow, onDiscard, onKeep };
  return {
    host: () => createBeginning(options),
    ring: () => createRing(options),
    settled(now, sent) {
      stored = now;
      waiting -= sent;
    },
  };
}

/** Counts what this process threw away, by reason. */
export function createDiscardCount(): {
  add(reason: DiscardReason, bytes: number): void;
  totals(): ReadonlyMap<DiscardReason, number>;
} {
  const totals = new Map<DiscardReason, number>(discardReasons.map((reason) => [reason, 0]));
  return {
    add: (reason, bytes) => void totals.set(reason, (totals.get(reason) ?? 0) + bytes),
    totals: () => totals,
  };
}
