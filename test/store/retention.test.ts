import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFolds } from '../../apps/server/src/features/runs/output/folds.ts';
import { readOutput } from '../../apps/server/src/features/runs/output/output.ts';
import { requireOutput } from '../../apps/server/src/features/runs/retention/retentionNotice.ts';
import { createRunStore } from '../../apps/server/src/features/runs/store.ts';
import { databases, type TestDatabase } from './databases.ts';
import { createRetentionRig, dayMs, rowsOf } from './retentionRig.ts';

const runs = createRunStore();
const never = new AbortController().signal;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('retention on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: ReturnType<typeof createRetentionRig>;

    beforeAll(async () => {
      database = await open();
      rig = createRetentionRig(database.db);
      return () => database.close();
    });
    // Each test begins with an empty store: whatever there is, is old.
    beforeEach(async () => {
      const { db } = database;
      await db.knex('runs').where({ state: 'running' }).update({ state: 'aborted', ended_at: 0 });
      await db.knex('run_hosts').whereNotNull('lease_until').update({ lease_until: null });
      await rig.retention({ keepRunsMs: 0 }).round(never);
      await db.knex('action_events').delete();
    });

    const exists = async (runId: string) => (await runs.find(database.db.knex, runId)) !== undefined;
    const events = () => database.db.knex('action_events').orderBy('id').select('actor_kind', 'actor_name', 'details');
    const chunksOf = async (runId: string, attempt = 1) => {
      const asked = { runId, ordinal: 0, attempt, after: 0, maxBytes: 1_000_000 };
      return (await readOutput(database.db.knex, asked)).chunks.length;
    };
    const noticeOf = async (runId: string, attempt?: number) => {
      const { row } = await runs.attemptOf(database.db.knex, runId, 0, attempt);
      return requireOutput(database.db.knex, runId, row).then(
        () => 'there',
        ({ code }) => code,
      );
    };

    it('removes old runs with all their rows and plans, and says so in the audit', async () => {
      const { db } = database;
      const old = [await rig.finished({ daysAgo: 12 }), await rig.finished({ daysAgo: 11 })];
      const young = await rig.finished({ daysAgo: 9 });
      const late = { ordinal: 0, attempt: 1, worker: 'w'.repeat(36), at: 1, state: 'ok' };
      await db.knex('run_late_results').insert(old.map((run_id) => ({ ...late, run_id })));
      const planOf = async (id: string): Promise<string> => (await db.knex('runs').where({ id }).first()).plan_id;
      const plans = await Promise.all(old.map(planOf));
      const retention = rig.retention({ keepRunsMs: 10 * dayMs });
      await retention.round(never);
      for (const id of old) expect(await rowsOf(db, 'run_id', id)).toEqual({});
      for (const id of plans) expect(await rowsOf(db, 'plan_id', id)).toEqual({});
      expect(await db.knex('plans').whereIn('id', plans)).toEqual([]);
      expect(await rowsOf(db, 'run_id', young)).toMatchObject({ run_hosts: 2, run_output: 2 });
      expect(retention.runsRemoved()).toBe(2);
      const [event, ...more] = await events();
      expect(more).toEqual([]);
      expect(event).toMatchObject({ actor_kind: 'system', actor_name: 'retention' });
      expect(JSON.parse(event.details)).toMatchObject({ runs: 2, outputs: 0, upTo: expect.stringMatching(/^20\d\d-/) });
      expect(JSON.parse(event.details).bytes).toBeGreaterThan(4 * 1000);
      // A round with nothing to do leaves no trace.
      await retention.round(never);
      expect(await events()).toHaveLength(1);
    });

    it('never touches a run in progress, however old, nor one whose lost hosts are just being asked', async () => {
      const { db } = database;
      const busy = await rig.unfinished({ daysAgo: 1000 });
      const asked = await rig.finished({ daysAgo: 1000 });
      await db.knex('run_hosts').where({ run_id: asked, ordinal: 1 }).update({ state: 'lost', lease_until: 1 });
      await rig.retention({ keepRunsMs: dayMs, keepOutputMs: dayMs, keepOutputBytes: 0 }).round(never);
      for (const id of [busy, asked]) {
        expect(await rowsOf(db, 'run_id', id)).toMatchObject({ run_hosts: 2, run_output: 2 });
        expect(await noticeOf(id)).toBe('there');
      }
      expect(await events()).toEqual([]);
    });

    it('removes old output only, says when it is asked for, and leaves the output of a later retry alone', async () => {
      const { db } = database;
      const runId = await rig.finished({ daysAgo: 5 });
      await rig.retention({ keepOutputMs: dayMs }).round(never);
      expect(await rowsOf(db, 'run_id', runId)).toEqual({ run_hosts: 2 });
      expect(await noticeOf(runId)).toBe('OUTPUT_REMOVED');
      const run = await runs.get(db.knex, runId);
      expect(Date.now() - Date.parse(run.outputRemovedAt ?? '')).toBeLessThan(60_000);
      expect((await runs.hosts(db.knex, runId, { limit: 10 })).items[0]).toMatchObject({ state: 'ok', exitCode: 0 });
      const { items } = await readFolds(db.knex, { runId, by: 'exact', sampleBytes: 100, limit: 10 });
      expect(items.map(({ sample, sampleTruncated }) => [sample, sampleTruncated])).toEqual([
        [[], true],
        [[], true],
      ]);

      await retryAll(runId);
      // A purge that was interrupted goes on while the run does.
      const { revision, plan_id } = await db.knex('runs').where({ id: runId }).first();
      expect(revision).toBeGreaterThan(run.revision);
      const again = { run_id: runId, kind: 'output', plan_id, revision: run.revision, at: 1 };
      await db.knex('run_removals').insert(again);
      await rig.work(runId, 500, 'ok');
      await rig.retention({}).round(never);
      expect(await rowsOf(db, 'run_id', runId)).toEqual({ run_hosts: 2, run_attempts: 2, run_output: 2 });
      expect([await noticeOf(runId, 1), await noticeOf(runId, 2)]).toEqual(['OUTPUT_REMOVED', 'there']);
      expect(await chunksOf(runId, 2)).toBe(1);
      expect((await db.knex('runs').where({ id: runId }).first()).output_bytes).toBe(1000);
    });

    it('keeps to the size: the oldest output goes first, and no more than must', async () => {
      const { db } = database;
      const ids: string[] = [];
      for (const daysAgo of [1, 4, 2, 3]) ids.push(await rig.finished({ daysAgo, hosts: 1, bytes: 10_000 }));
      const [one, four, two, three] = ids;
      const size = Number(
        (
          await db
            .knex('runs')
            .where({ id: one ?? '' })
            .first()
        ).output_stored,
      );
      expect(size).toBeGreaterThan(10_000);
      await rig.retention({ keepOutputBytes: 2 * size + 200 }).round(never);
      const there = (id = '') => noticeOf(id);
      expect(await Promise.all([one, two, three, four].map(there))).toEqual([
        'there',
        'there',
        'OUTPUT_REMOVED',
        'OUTPUT_REMOVED',
      ]);
      const [event] = await events();
      expect(JSON.parse(event.details)).toMatchObject({ runs: 0, outputs: 2 });
    });

    it('interrupted at any pause it leaves a consistent store, and the next round finishes', async () => {
      const { db } = database;
      // More chunks than one transaction deletes.
      const runId = await rig.finished({ daysAgo: 3, hosts: 450, bytes: 10 });
      const other = await rig.finished({ daysAgo: 0, hosts: 3 });
      const rows = await rowsOf(db, 'run_id', runId);
      expect(rows).toEqual({ run_hosts: 450, run_output: 450 });
      const closing = new AbortController();
      const round = rig.retention({ keepRunsMs: dayMs }, { pauseMs: 60_000 }).round(closing.signal);
      await expect
        .poll(async () => (await rowsOf(db, 'run_id', runId)).run_output, { timeout: 30_000 })
        .toBeLessThan(450);
      closing.abort();
      await round;
      // It is gone for everybody, and so it says in the audit, although its rows are not.
      expect(await exists(runId)).toBe(false);
      expect(await rowsOf(db, 'run_id', runId)).toMatchObject({ run_removals: 1, run_hosts: 450 });
      expect(await events()).toHaveLength(1);
      await rig.retention({}).round(never);
      expect(await rowsOf(db, 'run_id', runId)).toEqual({});
      expect(await rowsOf(db, 'run_id', other)).toEqual({ run_hosts: 3, run_output: 3 });
      expect(await events()).toHaveLength(1);
    });

    it('is done by one process at a time, and what both do is done once', async () => {
      const { db } = database;
      for (let i = 0; i < 5; i++) await rig.finished({ daysAgo: 3, hosts: 1 });
      const policy = { keepRunsMs: dayMs };
      const processes = [1, 2, 3].map(() => rig.retention(policy));
      await Promise.all(processes.map((retention) => retention.round(never)));
      expect(processes.map((retention) => retention.runsRemoved()).sort()).toEqual([0, 0, 5]);
      expect(await db.knex('runs')).toEqual([]);
      expect(await events()).toHaveLength(1);

      // Also when the lease does not help.
      for (let i = 0; i < 5; i++) await rig.finished({ daysAgo: 3, hosts: 1 });
      const frozen = rig.retention(policy).round(never);
      await db.knex('leases').update({ until_at: 0 });
      await Promise.all([frozen, rig.retention(policy).round(never)]);
      expect(await db.knex('runs')).toEqual([]);
      expect(await db.knex('run_hosts')).toEqual([]);
    });

    async function retryAll(runId: string): Promise<void> {
      const { db } = database;
      const { lockRun, settle } = await import('../../apps/server/src/features/runs/claims/lockedRun.ts');
      const { beginRetry } = await import('../../apps/server/src/features/runs/claims/retry.ts');
      await db.transaction(async (tx) => {
        const run = await lockRun(tx, runId);
        await beginRetry(tx, run, ['ok'], undefined);
        await tx('runs').where({ id: runId }).update({ control: 'run', ended_at: null });
        Object.assign(run.row, { control: 'run', ended_at: null });
        await settle(tx, run, await db.now(tx));
      });
    }
  });
});
