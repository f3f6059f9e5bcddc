import { appendFile } from 'node:fs/promises';
import type { Database } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { startRounds } from '../../../rounds.ts';
import type { Sealer } from '../../vault/sealer.ts';
import type { Block } from './block.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CheckpointForwarder } from './checkpointForwarder.ts';
import { type LedgerKey, loadLedgerKey } from './ledgerKey.ts';
import { isDue, sealNext } from './sealing.ts';

interface Options {
  db: Database;
  sealer: Sealer;
  /** Checkpoints are added to this file; null: to none. */
  checkpointFile: string | null;
  /** They are sent by these too. */
  forwarders?: readonly CheckpointForwarder[];
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
  checkpointFile,
  forwarders = [],
  log,
  everyMs = 1000,
  heartbeatMs = 10 * 60_000,
  checkpointMs = 60_000,
}: Options): Ledger {
  const lease = createLease(db, 'ledger', leaseMs);
  /** Not yet in a checkpoint. */
  let newest: Block | undefined;
  let checkpointAt = performance.now();
  let failing = false;

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

  async function writeNewest(): Promise<void> {
    if (!newest || !key || (checkpointFile === null && forwarders.length === 0)) return;
    const line = writeCheckpoint(newest, key.secret);
    // First: a file that fails does not keep them back.
    for (const forwarder of forwarders) forwarder.give(line);
    if (checkpointFile !== null) await appendFile(checkpointFile, `${line}\n`, { mode: 0o640 });
    newest = undefined;
    checkpointAt = performance.now();
  }

  async function round(): Promise<void> {
    try {
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
      await writeNewest().catch((error) => log.error({ err: String(error) }, 'the checkpoint could not be written'));
      await Promise.all(forwarders.map((forwarder) => forwarder.stop()));
      await lease.release().catch(() => {});
    },
  };
}
