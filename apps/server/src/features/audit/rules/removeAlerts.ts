import type { Knex } from 'knex';
import type { Database } from '../../../db/database.ts';

const atOnce = 500;

/** Alerts of which every command is older than this event, whose month is removed. */
const ofGone = (on: Knex, before: string) => on('alerts').where('last_event_id', '<', before);

export async function countAlertsBefore(on: Knex, before: string): Promise<number> {
  const row = await ofGone(on, before).count({ n: '*' }).first();
  return Number(row?.n ?? 0);
}

/** Removes them, and what still waits to be sent of them, a few at a time. */
export async function removeAlertsBefore(db: Database, before: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ids: string[] = await ofGone(db.knex, before).limit(atOnce).pluck('id');
    if (ids.length === 0) return;
    await db.transaction(async (tx) => {
      await tx('alert_outbox').whereIn('alert_id', ids).delete();
      await tx('alerts').whereIn('id', ids).delete();
    });
  }
}
