import { type DiscardReason, discardReasons } from '@omanager/contract';
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

/** What one attempt on one host may still keep. What is kept is a beginning of the output, never one with a hole. */
export interface HostBudget {
  /** The part of `data` that may be kept: all of it, a beginning, or nothing any more. */
  keep(data: Uint8Array): Uint8Array;
  readonly keptBytes: number;
  /** Why output was thrown away; null while none was. */
  readonly discardedFor: DiscardReason | null;
  /** A chunk of what was kept goes to the store: from which chunk on the store keeps what it has; undefined: all of it. */
  stored?(seq: number, bytes: number): number | undefined;
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
  return {
    host() {
      let keptBytes = 0;
      let discardedFor: DiscardReason | null = null;

      function room(): [number, DiscardReason] {
        if (diskIsLow()) return [0, 'disk'];
        const ofHost = capBytes - keptBytes;
        const ofRun = Math.max(0, runCapBytes - stored - waiting);
        return ofRun < ofHost ? [ofRun, 'run_cap'] : [ofHost, 'host_cap'];
      }

      return {
        keep(data) {
          const [bytes, reason] = discardedFor ? [0, discardedFor] : room();
          const kept = data.length > bytes ? data.subarray(0, bytes) : data;
          keptBytes += kept.length;
          waiting += kept.length;
          if (kept.length < data.length) {
            discardedFor = reason;
            onDiscard?.(reason, data.length - kept.length);
          }
          return kept;
        },
        get keptBytes() {
          return keptBytes;
        },
        get discardedFor() {
          return discardedFor;
        },
      };
    },
    ring: () =>
      createRing({
        ...{ capBytes, diskIsLow, onDiscard },
        room: () => Math.max(0, runCapBytes - stored - waiting),
        onKeep(bytes) {
          waiting += bytes;
        },
      }),
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
