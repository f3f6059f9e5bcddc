import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import { createLease } from '../../db/leases.ts';
import type { WriteAudit } from '../audit/writer.ts';
import type { TerminalSettings } from './ports.ts';
import { findOld, removeChunks, removeRecording, silentSince } from './store.ts';
import { storeEnd } from './terminals.ts';

/** A process that has not said that its terminals are alive for so long is gone. */
const silentMs = 120_000;
const sliceChunks = 20;
const leaseMs = 60_000;

interface Options {
  db: Database;
  bus: Pick<Bus, 'publish' | 'subscribe'>;
  audit: WriteAudit;
  audited(): void;
  settings: Pick<TerminalSettings, 'keepMs' | 'keepBytes'>;
  now?: () => number;
}

/** Looks after what was recorded: terminals whose process died, and recordings that are no longer kept. */
export function createKeeping({ db, bus, audit, audited, settings, now = Date.now }: Options) {
  async function markCut(before: number): Promise<void> {
    for (const row of await silentSince(db.knex, before)) {
      const end = { state: 'cut', end: 'server_died', message: null, at: Number(row.alive_at) } as const;
      await storeEnd({ db, bus, audit, audited }, { kind: 'system', name: 'terminals' }, row.id, end);
    }
  }

  async function removeOld(signal: AbortSignal): Promise<void> {
    const lease = createLease(db, 'recordings', leaseMs);
    if (!(await lease.hold())) return;
    try {
      const { keepMs, keepBytes } = settings;
      const before = keepMs === null ? null : now() - keepMs;
      for (const { id, host_name: host, user_name: user, sha256 } of await findOld(db.knex, {
        before,
        maxBytes: keepBytes,
      })) {
        // The row goes last: who dies in between finds it again.
        while ((await db.transaction((tx) => removeChunks(tx, id, sliceChunks))) > 0) {
          if (signal.aborted || !(await lease.hold())) return;
          await sleep(20);
        }
        await db.transaction(async (tx) => {
          await removeRecording(tx, id);
          await audit(tx, {
            actor: { kind: 'system', name: 'retention' },
            action: 'recordings.retention',
            object: `terminal:${id}`,
            outcome: 'done',
            details: { host, user, sha256 },
          });
        });
        audited();
      }
    } finally {
      await lease.release();
    }
  }

  return {
    /** Before this process opens any: on SQLite there is no other one. */
    begin: () => markCut(db.kind === 'sqlite' ? Number.MAX_SAFE_INTEGER : now() - silentMs),
    async sweep(signal: AbortSignal): Promise<void> {
      await markCut(now() - silentMs);
      await removeOld(signal);
    },
  };
}
