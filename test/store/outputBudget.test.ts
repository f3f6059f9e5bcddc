import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import { createClaims } from '../../apps/server/src/features/runs/claims/claims.ts';
import { createDiscardCount, type OutputLimits } from '../../apps/server/src/features/runs/execute/budget.ts';
import { createWorker } from '../../apps/server/src/features/runs/execute/worker.ts';
import { readOutput } from '../../apps/server/src/features/runs/output/output.ts';
import { createRunStore } from '../../apps/server/src/features/runs/store.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { createLocalQueue } from '../../apps/server/src/queue/queue.ts';
import { databases, type TestDatabase } from './databases.ts';

const kib = 1024;
const leaseMs = 15_000;
const runs = createRunStore();
const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('budgets of output on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await open();
      return () => database.close();
    });

    /** Workers of two processes share a run of 20 servers, each of which writes 200 KiB. */
    async function runOnTwo(limits: OutputLimits) {
      const { db } = database;
      const written = Array.from({ length: 20 }, () => randomBytes(200 * kib));
      const runId = await insertRun(db, sealer, written.length, 4);
      const workers = [1, 2].map(() =>
        createWorker({
          claims: createClaims(db, { leaseMs, maxBusy: null }),
          queue: createLocalQueue(),
          bus: createLocalBus(),
          engineFor: async () => ({
            async run({ ordinal }, io) {
              if (!(await io.begin())) return { state: 'not_started' };
              const data = written[ordinal] ?? Buffer.alloc(0);
              for (let at = 0; at < data.length; at += 10 * kib)
                await io.write('stdout', data.subarray(at, at + 10 * kib));
              return { state: 'ok', exitCode: 0 };
            },
            probe: () => Promise.reject(new Error('nothing is lost here')),
          }),
          limits,
          concurrency: 2,
          zones: () => ({ except: [] }),
          leaseMs,
          onChange: () => {},
          log: { error: () => {} },
        }),
      );
      for (const worker of workers) worker.start();
      try {
        await expect.poll(async () => (await runs.get(db.knex, runId)).state, { timeout: 60_000 }).toBe('succeeded');
      } finally {
        for (const worker of workers) await worker.stop(AbortSignal.timeout(10_000));
      }
      const { items } = await runs.hosts(db.knex, runId, { limit: 100 });
      let kept = 0;
      for (const host of items) {
        const asked = { runId, ordinal: host.ordinal, attempt: 1, after: 0, maxBytes: 1024 * kib };
        const { chunks } = await readOutput(db.knex, asked);
        const stored = Buffer.concat(chunks.map(({ data }) => Buffer.from(data, 'base64')));
        // What is kept is a beginning, what is not kept is counted.
        expect(written[host.ordinal]?.subarray(0, stored.length).equals(stored)).toBe(true);
        expect(host.discardedBytes).toBe(200 * kib - stored.length);
        expect(host.discardedFor === null).toBe(host.discardedBytes === 0);
        kept += stored.length;
      }
      const row = await db.knex('runs').where({ id: runId }).first('output_bytes');
      expect(row.output_bytes).toBe(kept);
      return { hosts: items, kept };
    }

    it('a run keeps as much as it may, over all hosts and processes', async () => {
      const discarded = createDiscardCount();
      const limits = { capBytes: 150 * kib, runCapBytes: 1000 * kib, onDiscard: discarded.add };
      const { hosts, kept } = await runOnTwo(limits);
      // Beyond it at most what both had under way.
      expect(kept).toBeGreaterThanOrEqual(1000 * kib);
      expect(kept).toBeLessThanOrEqual((1000 + 4 * 150) * kib);
      const reasons = hosts.map(({ discardedFor }) => discardedFor);
      expect(new Set(reasons)).toEqual(new Set(['host_cap', 'run_cap']));
      const totals = discarded.totals();
      expect((totals.get('host_cap') ?? 0) + (totals.get('run_cap') ?? 0)).toBe(20 * 200 * kib - kept);
    });

    it('a low disk takes output only: every host still has its state and result', async () => {
      const { hosts, kept } = await runOnTwo({ capBytes: 150 * kib, diskIsLow: () => true });
      expect(kept).toBe(0);
      expect(
        hosts.every(({ state, exitCode, discardedFor }) => state === 'ok' && exitCode === 0 && discardedFor === 'disk'),
      ).toBe(true);
    });
  });
});
