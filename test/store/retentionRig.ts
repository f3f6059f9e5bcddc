import { randomBytes } from 'node:crypto';
import type { Database } from '../../apps/server/src/db/database.ts';
import type { Reclaimer } from '../../apps/server/src/db/reclaim.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createClaims } from '../../apps/server/src/features/runs/claims/claims.ts';
import { createRunBudget } from '../../apps/server/src/features/runs/execute/budget.ts';
import { createHostOutput } from '../../apps/server/src/features/runs/execute/hostOutput.ts';
import type { NewChunk } from '../../apps/server/src/features/runs/output/output.ts';
import { createRetention, type Retention } from '../../apps/server/src/features/runs/retention/retention.ts';
import type { RetentionPolicy } from '../../apps/server/src/features/runs/retention/retentionMarks.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';

export const dayMs = 24 * 3_600_000;
const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
const log = { info: () => {}, warn: () => {} };

/** Runs whose hosts write and end, and retention over them, on one database. */
export function createRetentionRig(db: Database) {
  const claims = createClaims(db, { leaseMs: 600_000, maxBusy: null });
  const worker = { owner: '00000000-0000-4000-8000-000000000001', zones: { except: [] } };
  const nothing = { chunks: [], results: [], probed: [], begins: [], want: 0 };

  /** Claims every host that waits, and lets it write; `after` says how it ends, or that it goes on. */
  async function work(runId: string, bytes: number, after: 'ok' | 'running'): Promise<void> {
    const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 1000 });
    await claims.exchange(runId, worker, { ...nothing, begins: claimed });
    const budget = createRunBudget({ capBytes: Number.MAX_SAFE_INTEGER });
    for (const { ordinal, attempt } of claimed) {
      const chunks: NewChunk[] = [];
      const emit = (chunk: NewChunk): void => void chunks.push(chunk);
      const output = createHostOutput({ ordinal, attempt, budget: budget.host(), emit });
      // Random, so that what is stored is as large as what was written.
      await output.write('stdout', randomBytes(bytes));
      const sums = output.finish(0);
      const results = after === 'ok' ? [{ ordinal, attempt, state: 'ok' as const, exitCode: 0, ...sums }] : [];
      await claims.exchange(runId, worker, { ...nothing, chunks, results });
    }
  }

  return {
    /** A run that ended so many days ago. */
    async finished({ daysAgo = 0, hosts = 2, bytes = 1000 }): Promise<string> {
      const runId = await insertRun(db, sealer, hosts, hosts);
      await work(runId, bytes, 'ok');
      const at = (await db.now(db.knex)) - daysAgo * dayMs;
      await db.knex('runs').where({ id: runId }).update({ created_at: at, ended_at: at });
      return runId;
    },
    /** A run that began so many days ago and is still busy. */
    async unfinished({ daysAgo = 0, hosts = 2, bytes = 1000 }): Promise<string> {
      const runId = await insertRun(db, sealer, hosts, hosts);
      await work(runId, bytes, 'running');
      const at = (await db.now(db.knex)) - daysAgo * dayMs;
      await db.knex('runs').where({ id: runId }).update({ created_at: at, started_at: at });
      return runId;
    },
    work,
    retention(policy: Partial<RetentionPolicy>, options: { pauseMs?: number; reclaimer?: Reclaimer } = {}): Retention {
      const nothingGoes = { keepRunsMs: null, keepOutputMs: null, keepOutputBytes: null };
      const all = { ...nothingGoes, ...policy };
      return createRetention({ db, policy: all, audit: writeAudit, log, pauseMs: 0, ...options });
    },
  };
}

/** Tables that have such a column. */
async function tablesWith(db: Database, column: string): Promise<string[]> {
  const names = (rows: { name: string }[]) => rows.map(({ name }) => name);
  if (db.kind === 'sqlite') {
    return names(
      await db.knex.raw(
        "select m.name as name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and c.name = ?",
        [column],
      ),
    );
  }
  const [rows] = await db.knex.raw(
    'select table_name as name from information_schema.columns where table_schema = database() and column_name = ?',
    [column],
  );
  return names(rows);
}

/** How many rows each table has of a run, or of a plan; only those that have any. */
export async function rowsOf(db: Database, column: 'run_id' | 'plan_id', id: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const table of await tablesWith(db, column)) {
    const row = await db
      .knex(table)
      .where({ [column]: id })
      .count({ n: '*' })
      .first();
    if (Number(row?.n) > 0) found[table] = Number(row?.n);
  }
  return found;
}
