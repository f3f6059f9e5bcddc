import type { Database } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { startRounds } from '../../../rounds.ts';
import type { Sealer } from '../../vault/sealer.ts';
import type { Block } from './block.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CheckpointTargets } from './checkpointTargets.ts';
import { type LedgerKey, loadLedgerKey } from './ledgerKey.ts';
import { newestBlock } from './ledgerStore.ts';
import { isDue, sealNext } from './sealing.ts';

interface Options {
  db: Database;
  sealer: Sealer;
  /** What takes checkpoints away. */
  targets: CheckpointTargets;
  log: { error(details: object, message: string): void };
  everyMs?: number;
  heartbeatMs?: number;
  checkpointMs?: number;
}

/** Longer than a round takes, so that one process at a time adds blocks. */
const leaseMs = 30_000;

export interface Ledger {
  /** Begins to seal events into blocks as they come; of several processes one at a time does. */
  start(): void;
  /** Seals what is left, if it was started and if it can. */
  stop(): Promise<void>;
}

export function createLedger({
  db,
  sealer,
  targets,
  log,
  everyMs = 1000,
  heartbeatMs = 10 * 60_000,
  checkpointMs = 60_000,
}: Options): Ledger {
  const lease = createLease(db, 'ledger', leaseMs);
  /** Not yet in a checkpoint. */
  let newest: Block | undefined;
  /** The first leaves at once: a target that is wrong shows soon after the start. */
  let checkpointAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let takenUp = false;
  let takeUpAt = 0;

  let key: LedgerKey | undefined;
  let rounds: ReturnType<typeof startRounds> | undefined;

  async function sealAll(): Promise<void> {
    if (!(await isDue(db, heartbeatMs)) || !(await lease.hold())) return;
    key ??= await loadLedgerKey(db, sealer);
    for (;;) {
      const block = await sealNext({ db, key, heartbeatMs });
      if (!block) return;
      newest = block;
      if (!(await lease.hold())) return;
    }
  }

  /** What was sealed before the start may not have left: with nothing new it would wait for the next heartbeat. */
  async function takeUp(): Promise<void> {
    if (takenUp || performance.now() < takeUpAt) return;
    takeUpAt = performance.now() + leaseMs;
    if (!(await lease.hold())) return;
    key ??= await loadLedgerKey(db, sealer);
    newest ??= await newestBlock(db.knex);
    takenUp = true;
  }

  async function writeNewest(): Promise<void> {
    if (!newest || !key) return;
    await targets.give({ block: newest.number, line: writeCheckpoint(newest, key.secret) });
    newest = undefined;
    checkpointAt = performance.now();
  }

  async function round(): Promise<void> {
    try {
      await takeUp();
      await sealAll();
      if (performance.now() - checkpointAt >= checkpointMs) await writeNewest();
      failing = false;
    } catch (error) {
      if (!failing) log.error({ err: String(error).slice(0, 500) }, 'sealing audit events failed; it is tried again');
      failing = true;
    }
  }

  return {
    start() {
      rounds = startRounds(everyMs, round);
    },
    async stop() {
      if (!rounds) return;
      await rounds.stop();
      await round();
      await writeNewest();
      await targets.stop();
      await lease.release().catch(() => {});
    },
  };
}
