import type { DiscardReason } from '@omanager/contract';
import type { HostBudget, HostBudgetOptions } from './budgetHost.ts';

interface Segment {
  seq: number;
  bytes: number;
  cost: number;
}

/** The oldest goes in pieces of this share of the cap: a deletion costs the store more than a few bytes too many. */
const segments = 16;
/** A chunk costs the store a row as well: without this, many small ones would never reach the cap. */
const rowBytes = 128;

/** Keeps the newest of what is written: whatever is kept takes the place of the oldest, once there is no room left. */
export function createRing({ capBytes, room, diskIsLow, onKeep, onDiscard }: HostBudgetOptions): HostBudget {
  const kept: Segment[] = [];
  let keptBytes = 0;
  let cost = 0;
  let discardedFor: DiscardReason | null = null;

  function discard(reason: DiscardReason, bytes: number): void {
    discardedFor = reason;
    onDiscard?.(reason, bytes);
  }

  /** What this host may take in the store now: no more than it has, when the run is full. */
  function limit(): [number, DiscardReason] {
    const ofRun = cost + room();
    return ofRun < capBytes ? [ofRun, 'run_cap'] : [capBytes, 'host_cap'];
  }

  return {
    keep(data) {
      const [most, reason]: [number, DiscardReason] = diskIsLow() ? [0, 'disk'] : limit();
      const newest = data.length > most ? data.subarray(data.length - most) : data;
      if (newest.length < data.length) discard(reason, data.length - newest.length);
      keptBytes += newest.length;
      onKeep(newest.length);
      return newest;
    },
    stored(seq, bytes) {
      let last = kept.at(-1);
      if (!last || last.cost >= capBytes / segments) {
        last = { seq, bytes: 0, cost: 0 };
        kept.push(last);
      }
      last.bytes += bytes;
      last.cost += bytes + rowBytes;
      cost += bytes + rowBytes;
      const [most, reason] = limit();
      let gone = false;
      for (let [oldest] = kept; oldest && cost > most && kept.length > 1; [oldest] = kept) {
        kept.shift();
        cost -= oldest.cost;
        keptBytes -= oldest.bytes;
        discard(reason, oldest.bytes);
        gone = true;
      }
      return gone ? kept[0]?.seq : undefined;
    },
    get keptBytes() {
      return keptBytes;
    },
    get discardedFor() {
      return discardedFor;
    },
  };
}
