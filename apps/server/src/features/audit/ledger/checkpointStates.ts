import { type CheckpointFailure, type CheckpointTarget, checkpointFailures } from '@omanager/contract';
import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';

/** Where checkpoints go: OM_CHECKPOINT_FILE, OM_CHECKPOINT_SYSLOG, OM_CHECKPOINT_WEBHOOK. */
export interface CheckpointSettings {
  file: string | null;
  syslog: URL | null;
  webhook: URL | null;
}

type Kind = CheckpointTarget['kind'];
export type CheckpointPlace = Pick<CheckpointTarget, 'kind' | 'place' | 'receipt'>;

interface Row {
  kind: Kind;
  place: string;
  sent_block: number | string | null;
  sent_at: number | string | null;
  behind: number;
  failure: string | null;
  failure_detail: string | null;
  failing_since: number | string | null;
  failed_at: number | string | null;
}

/** The targets that are set, without what may be secret in their addresses. */
export function checkpointPlaces({ file, syslog, webhook }: CheckpointSettings): CheckpointPlace[] {
  const start = ({ protocol, host }: URL) => `${protocol}//${host}`;
  const all = [
    file === null ? null : { kind: 'file' as const, place: file, receipt: true },
    syslog && { kind: 'syslog' as const, place: start(syslog), receipt: syslog.protocol !== 'udp:' },
    webhook && { kind: 'webhook' as const, place: start(webhook), receipt: true },
  ];
  return all.flatMap((place) => (place ? [{ ...place, place: place.place.slice(-500) }] : []));
}

const none = { sent_block: null, sent_at: null };
const well = { failure: null, failure_detail: null, failing_since: null, failed_at: null };

/** Keeps how far each target is. It lies in the database: what can be trusted of it is what arrived elsewhere. */
export function createTargetStates(db: Database, places: readonly CheckpointPlace[]) {
  return {
    /** One more checkpoint for every target. */
    made: () =>
      db.transaction(async (tx) => {
        for (const { kind, place } of places) {
          const more = { behind: tx.raw('?? + 1', ['behind']) };
          if ((await tx('checkpoint_targets').where({ kind, place }).update(more)) > 0) continue;
          // Another address than before has got nothing yet.
          await tx('checkpoint_targets').where({ kind }).delete();
          await tx('checkpoint_targets').insert({ kind, place, ...none, ...well, behind: 1 });
        }
      }),
    sent: (kind: Kind, block: number, left: number) =>
      db.transaction(async (tx) => {
        const at = await db.now(tx);
        await tx('checkpoint_targets')
          .where({ kind })
          // A process that sealed before may come late with an older one.
          .andWhere((older) => older.whereNull('sent_block').orWhere('sent_block', '<=', block))
          .update({ sent_block: block, sent_at: at, behind: left, ...well });
      }),
    failed: (kind: Kind, { what, detail }: { what: CheckpointFailure; detail: string }) =>
      db.transaction(async (tx) => {
        const at = await db.now(tx);
        await tx('checkpoint_targets')
          .where({ kind })
          .update({
            ...{ failure: what, failure_detail: detail, failed_at: at },
            failing_since: tx.raw('coalesce(??, ?)', ['failing_since', at]),
          });
      }),
  };
}

/** The targets that are set and how far each is. */
export async function readTargets(on: Knex, places: readonly CheckpointPlace[]): Promise<CheckpointTarget[]> {
  const rows: Row[] = await on('checkpoint_targets').select();
  return places.map((set) => {
    const row = rows.find(({ kind, place }) => kind === set.kind && place === set.place);
    return { ...set, sent: sentOf(row), behind: row?.behind ?? 0, failure: row ? failureOf(row) : null };
  });
}

function sentOf(row: Row | undefined): CheckpointTarget['sent'] {
  if (row === undefined || row.sent_block === null || row.sent_at === null) return null;
  return { block: Number(row.sent_block), at: iso(Number(row.sent_at)) };
}

function failureOf({ failure, failure_detail, failing_since, failed_at }: Row): CheckpointTarget['failure'] {
  if (failure === null || failing_since === null || failed_at === null) return null;
  return {
    what: z.enum(checkpointFailures).catch('unknown').parse(failure),
    detail: failure_detail ?? '',
    since: iso(Number(failing_since)),
    at: iso(Number(failed_at)),
  };
}
