import type { Database } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { removeActivity } from '../activity/activityCounts.ts';
import { countAlertsBefore, removeAlertsBefore } from '../rules/removeAlerts.ts';
import type { WriteAudit } from '../writer.ts';
import { idsOf, type Month } from './months.ts';
import { dropMonth, makePartitions, storedMonths } from './partitions.ts';
import { forgetSessions } from './sessionHoles.ts';

export const removedAction = 'commands.removed';

interface Options {
  db: Database;
  audit: WriteAudit;
  /** Null: for ever. */
  keepMs: number | null;
  log: { info(details: object, message: string): void };
  now?: () => number;
}

const leaseMs = 10 * 60_000;

/**
 * Makes the partitions of the months to come, and removes months of which every event is too old: whole blocks, whose
 * headers stay. What is removed is said before, by an event that the ledger vouches for.
 */
export function createCommandRetention({ db, audit, keepMs, log, now = Date.now }: Options) {
  const lease = createLease(db, 'commands', leaseMs);
  return {
    async round(signal: AbortSignal): Promise<void> {
      if (!(await lease.hold())) return;
      await makePartitions(db, now());
      await forgetSessions(db.knex, now());
      if (keepMs === null) return;
      for (const month of await storedMonths(db)) {
        if (signal.aborted) return;
        if (month.endMs > now() - keepMs) continue;
        const what = await contentOf(db, month);
        // A block that is not sealed yet is not removed.
        if (what === null) continue;
        const alerts = await countAlertsBefore(db.knex, idsOf(month).before);
        if (what.batches > 0)
          await db.transaction((tx) =>
            audit(tx, {
              actor: { kind: 'system', name: 'retention' },
              ...{ action: removedAction, object: month.name, outcome: 'done', details: { ...what, alerts } },
            }),
          );
        await dropMonth(db, month, signal);
        await removeActivity(db, month, signal);
        await removeAlertsBefore(db, idsOf(month).before, signal);
        log.info({ month: month.name, ...what, alerts }, 'commands of a month and their alerts were removed');
      }
    },
  };
}

interface Content {
  batches: number;
  events: number;
  fromBlock: number | null;
  toBlock: number | null;
}

/** Null when something of it is in no block yet. */
async function contentOf({ knex }: Database, month: Month): Promise<Content | null> {
  const { from, before } = idsOf(month);
  const row = await knex('command_batches')
    .where('id', '>=', from)
    .where('id', '<', before)
    .count({ batches: '*', sealed: 'block' })
    .sum({ events: 'events' })
    .min({ first: 'block' })
    .max({ last: 'block' })
    .first();
  const batches = Number(row?.batches ?? 0);
  if (batches !== Number(row?.sealed ?? 0)) return null;
  const block = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  return { batches, events: Number(row?.events ?? 0), fromBlock: block(row?.first), toBlock: block(row?.last) };
}
