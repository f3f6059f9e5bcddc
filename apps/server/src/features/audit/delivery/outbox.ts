import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import type { AlertRow } from '../rules/alertStore.ts';
import { type TargetRow, wants } from './targetStore.ts';

export interface OutboxRow {
  target_id: string;
  alert_id: string;
  attempts: number;
  next_at: number;
}

/** A target that does not answer keeps so many waiting; the oldest are given up. */
export const mostWaiting = 1000;

/** Puts an alert down for every target that wants it, in the transaction that raises it. */
export async function queueAlert(tx: Tx, alert: AlertRow): Promise<void> {
  const targets: TargetRow[] = await tx('alert_targets').where({ enabled: true });
  const rows = targets
    .filter((target) => wants(target, alert.severity))
    .map(({ id }) => ({ target_id: id, alert_id: alert.id, attempts: 0, next_at: alert.raised_at }));
  if (rows.length > 0) await tx('alert_outbox').insert(rows);
}

/** What is due of one target, in the order it was raised. */
export function dueOf(on: Knex, targetId: string, now: number, limit: number): Promise<OutboxRow[]> {
  return Promise.resolve(
    on('alert_outbox').where({ target_id: targetId }).where('next_at', '<=', now).orderBy('alert_id').limit(limit),
  );
}

export async function settle(
  tx: Tx,
  { target_id, alert_id }: OutboxRow,
  outcome: { at: number; error: string | null; retryAt: number | null },
): Promise<void> {
  const which = tx('alert_outbox').where({ target_id, alert_id });
  if (outcome.retryAt === null) await which.delete();
  else await which.update({ next_at: outcome.retryAt, attempts: tx.raw('?? + 1', ['attempts']) });
  await tx('alert_targets')
    .where({ id: target_id })
    .update({
      ...{ last_at: outcome.at, last_error: outcome.error?.slice(0, 200) ?? null },
      ...(outcome.error !== null && outcome.retryAt === null && { given_up: tx.raw('?? + 1', ['given_up']) }),
    });
}

/** Gives up what is more than a target may keep waiting. */
export async function trim(tx: Tx, targetId: string): Promise<void> {
  const edge: OutboxRow | undefined = await tx('alert_outbox')
    .where({ target_id: targetId })
    .orderBy('alert_id', 'desc')
    .offset(mostWaiting)
    .first();
  if (!edge) return;
  const gone = await tx('alert_outbox').where({ target_id: targetId }).where('alert_id', '<=', edge.alert_id).delete();
  await tx('alert_targets')
    .where({ id: targetId })
    .update({ given_up: tx.raw('?? + ?', ['given_up', gone]) });
}
