import type { DiscardReason } from '@omanager/contract';

/** What one attempt on one host may still keep. */
export interface HostBudget {
  /** The part of `data` that may be kept: all of it, a beginning, or nothing any more. */
  keep(data: Uint8Array): Uint8Array;
  readonly keptBytes: number;
  /** Why output was thrown away; null while none was. */
  readonly discardedFor: DiscardReason | null;
  /** A chunk of what was kept goes to the store: from which chunk on the store keeps what it has; undefined: all of it. */
  stored?(seq: number, bytes: number): number | undefined;
}

export interface HostBudgetOptions {
  capBytes: number;
  /** What the run may still keep besides what this host has. */
  room(): number;
  diskIsLow(): boolean;
  onKeep(bytes: number): void;
  onDiscard?: ((reason: DiscardReason, bytes: number) => void) | undefined;
}

/** Keeps a beginning of the output, never one with a hole. */
export function createBeginning({ capBytes, room, diskIsLow, onKeep, onDiscard }: HostBudgetOptions): HostBudget {
  let keptBytes = 0;
  let discardedFor: DiscardReason | null = null;

  function most(): [number, DiscardReason] {
    if (diskIsLow()) return [0, 'disk'];
    const ofHost = capBytes - keptBytes;
    const ofRun = room();
    return ofRun < ofHost ? [ofRun, 'run_cap'] : [ofHost, 'host_cap'];
  }

  return {
    keep(data) {
      const [bytes, reason] = discardedFor ? [0, discardedFor] : most();
      const kept = data.length > bytes ? data.subarray(0, bytes) : data;
      keptBytes += kept.length;
      onKeep(kept.length);
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
}
