import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { iso } from '../../../db/page.ts';
import { createReclaimer, type Reclaimer } from '../../../db/reclaim.ts';
import type { WriteAudit } from '../../audit/writer.ts';
import { type Marked, markOld, type RetentionPolicy } from './retentionMarks.ts';
import { createPurge } from './retentionPurge.ts';

interface Options {
  db: Database;
  policy: RetentionPolicy;
  audit: WriteAudit;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  reclaimer?: Reclaimer;
  /** Between two transactions, so that runs get their turn. */
  pauseMs?: number;
}

export interface Retention {
  /** Removes what is no longer kept and gives the space back. Stops soon, and consistently, when `signal` is aborted. */
  round(signal: AbortSignal): Promise<void>;
  /** Since the process began. */
  runsRemoved(): number;
  /** Bytes of the database on disk. */
  storeBytes(): Promise<number>;
}

/** Longer than any slice takes, so that one process at a time is at work. */
const leaseMs = 60_000;
const holdEveryMs = leaseMs / 4;

/**
 * Removal has two steps. A short transaction takes runs or their output away, with the audit event that says so; from
 * then on nobody sees them. Their rows are then deleted in slices. A process that dies in between leaves rows that
 * the next round finds.
 */
export function createRetention({
  db,
  policy,
  audit,
  log,
  reclaimer = createReclaimer({ db, tables: ['run_output'], log }),
  pauseMs = 20,
}: Options): Retention {
  let runsRemoved = 0;
  let busy = false;

  async function mark(): Promise<Marked> {
    return db.transaction(async (tx) => {
      const marked = await markOld(tx, policy, await db.now(tx));
      if (marked.upTo !== null) {
        const { runs, outputs, bytes, upTo } = marked;
        await audit(tx, {
          actor: { kind: 'system', name: 'retention' },
          action: 'runs.retention',
          outcome: 'done',
          details: { runs, outputs, bytes, upTo: iso(upTo) },
        });
      }
      return marked;
    });
  }

  async function work(signal: AbortSignal): Promise<void> {
    const lease = createLease(db, 'retention', leaseMs);
    if (!(await lease.hold())) return;
    let heldAt = performance.now();
    const purge = createPurge(db, async () => {
      await sleep(pauseMs, undefined, { signal });
      if (performance.now() - heldAt < holdEveryMs) return;
      heldAt = performance.now();
      if (!(await lease.hold())) throw new LeaseLost();
    });
    try {
      await purge.all();
      for (;;) {
        const { runs, outputs, bytes, upTo } = await mark();
        if (upTo === null) break;
        runsRemoved += runs;
        log.info({ runs, outputs, bytes, upTo: iso(upTo) }, 'old runs and outputs were removed');
        await purge.all();
      }
      await reclaimer.reclaim(signal);
    } finally {
      await lease.release();
    }
  }

  return {
    async round(signal) {
      if (busy || signal.aborted) return;
      busy = true;
      try {
        await work(signal);
      } catch (error) {
        if (!signal.aborted && !(error instanceof LeaseLost)) throw error;
      } finally {
        busy = false;
      }
    },
    runsRemoved: () => runsRemoved,
    storeBytes: reclaimer.storeBytes,
  };
}

/** Another process took over, because this one stood still for long. */
class LeaseLost extends Error {}
