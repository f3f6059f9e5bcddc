import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { type Claims, createClaims } from '../../apps/server/src/features/runs/claims/claims.ts';
import type { Exchange, WorkerScope } from '../../apps/server/src/features/runs/claims/exchange.ts';
import { createZoneWork } from '../../apps/server/src/features/runs/claims/zoneWork.ts';
import { readOutput } from '../../apps/server/src/features/runs/output/output.ts';
import { createRunService } from '../../apps/server/src/features/runs/service.ts';
import { createRunStore } from '../../apps/server/src/features/runs/store.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from './databases.ts';

const nothing: Exchange = { chunks: [], results: [], probed: [], begins: [], want: 0 };
const ok = (ordinal: number, attempt = 1) => ({ ordinal, attempt, state: 'ok' as const, exitCode: 0 });

describe.each(databases)('claims on $name', ({ missing, open }) => {
  describe.skipIf(missing)('of workers', () => {
    let store: TestDatabase;
    let db: Database;
    let claims: Claims;
    const runs = createRunStore();
    const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
    beforeAll(async () => {
      store = await open();
      db = store.db;
      claims = createClaims(db, { leaseMs: 60_000, maxBusy: null });
    });
    afterAll(() => store.close());

    const everywhere = (): WorkerScope => ({ owner: uuid(), zones: { except: [] } });
    const get = (runId: string) => runs.get(db.knex, runId);
    const statesOf = async (runId: string) =>
      (await runs.hosts(db.knex, runId, { limit: 500 })).items.map(({ state }) => state).join(' ');
    const service = () =>
      createRunService({ db, plans: null as never, runs, inventory: null as never, modules: null as never });

    /** Claims what there is, begins it and ends it, as a worker would. */
    async function work(runId: string, worker = everywhere(), want = 100): Promise<number[]> {
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want });
      const { begun } = await claims.exchange(runId, worker, { ...nothing, begins: claimed });
      await claims.exchange(runId, worker, { ...nothing, results: [...begun].map((ordinal) => ok(ordinal)) });
      return claimed.map(({ ordinal }) => ordinal);
    }

    it('find what is due by its index, not by a walk over every host that ever ran', async () => {
      const asked: { sql: string; bindings: readonly Knex.RawBinding[] }[] = [];
      const note = (query: { sql: string; bindings: readonly Knex.RawBinding[] }) => {
        if (query.sql.includes('run_hosts')) asked.push(query);
      };
      db.knex.on('query', note);
      await claims.expired();
      await claims.unfinished();
      await createZoneWork(db).runsOf(uuid());
      db.knex.off('query', note);
      expect(asked.length).toBeGreaterThanOrEqual(3);
      if (db.kind === 'mysql') return;
      for (const { sql, bindings } of asked) {
        const plan: { detail: string }[] = await db.knex.raw(`explain query plan ${sql}`, [...bindings]);
        expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/SCAN run_hosts/);
      }
    });

    it('go wave by wave, and pause between them when the plan says so', async () => {
      const runId = await insertRun(db, sealer, 10, 50, { waves: [1, 3, 6], ask: true });
      expect(await work(runId)).toEqual([0]);
      expect(await get(runId)).toMatchObject({ state: 'paused', control: 'pause', wave: 1 });
      expect(await work(runId)).toEqual([]);
      await db.transaction((tx) => service().resume(tx, runId));
      expect(await work(runId)).toEqual([1, 2, 3]);
      await db.transaction((tx) => service().resume(tx, runId));
      expect(await work(runId)).toHaveLength(6);
      const run = await get(runId);
      expect(run).toMatchObject({ state: 'succeeded', wave: null, counts: { ok: 10 } });
      expect(run.waves.map(({ size, counts }) => [size, counts])).toEqual([
        [1, { ok: 1 }],
        [3, { ok: 3 }],
        [6, { ok: 6 }],
      ]);
    });

    it('wait between waves by the clock of the database', async () => {
      const runId = await insertRun(db, sealer, 2, 50, { waves: [1, 1], waitMs: 600 });
      expect(await work(runId)).toEqual([0]);
      const { holdUntil, state } = await get(runId);
      expect([state, holdUntil !== null]).toEqual(['running', true]);
      expect(await work(runId)).toEqual([]);
      await expect.poll(() => work(runId), { timeout: 5000 }).toEqual([1]);
    });

    it('pause: what has not begun waits again, what runs ends; resume goes on', async () => {
      const runId = await insertRun(db, sealer, 6, 4);
      const worker = everywhere();
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 4 });
      await claims.exchange(runId, worker, { ...nothing, begins: claimed.slice(0, 2) });
      await db.transaction((tx) => service().pause(tx, { runId, after: 'now' }));
      expect((await get(runId)).state).toBe('pausing');
      const refused = await claims.exchange(runId, worker, { ...nothing, begins: claimed.slice(2) });
      expect([refused.begun.size, refused.control]).toEqual([0, 'pause']);
      const results = [ok(0), ok(1), ...[2, 3].map((n) => ({ ordinal: n, attempt: 1, state: 'pending' as const }))];
      await claims.exchange(runId, worker, { ...nothing, results });
      expect(await get(runId)).toMatchObject({ state: 'paused', counts: { ok: 2, pending: 4 } });
      await db.transaction((tx) => service().pause(tx, { runId, after: 'now' }));
      await db.transaction((tx) => service().resume(tx, runId));
      expect(await work(runId)).toHaveLength(4);
      expect((await get(runId)).state).toBe('succeeded');
    });

    it('stop: nothing new starts, what runs ends, and it cannot be taken back', async () => {
      const runId = await insertRun(db, sealer, 6, 2);
      const worker = everywhere();
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 2 });
      await claims.exchange(runId, worker, { ...nothing, begins: claimed });
      for (let i = 0; i < 2; i++) await db.transaction((tx) => service().stop(tx, runId));
      expect(await get(runId)).toMatchObject({ state: 'stopping', counts: { not_started: 4, running: 2 } });
      await expect(db.transaction((tx) => service().resume(tx, runId))).rejects.toMatchObject({ code: 'RUN_STATE' });
      await claims.exchange(runId, worker, { ...nothing, results: [ok(0), ok(1)] });
      expect((await get(runId)).state).toBe('partly_succeeded');
    });

    it('a plan that stops at failures stops by itself and says why', async () => {
      const stopWhen = { failed: 1, percent: null, unreachable: true };
      const runId = await insertRun(db, sealer, 10, 3, { stopWhen });
      const worker = everywhere();
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 3 });
      const results = claimed.map(({ ordinal }) => ({ ordinal, attempt: 1, state: 'unreachable' as const }));
      await claims.exchange(runId, worker, { ...nothing, results });
      const run = await get(runId);
      expect(run).toMatchObject({ state: 'failed', counts: { unreachable: 3, not_started: 7 } });
      expect(run.stopReason).toBe('3 servers failed; the plan stops at more than 1.');
    });

    it('take hosts of their own zones only, within the limit of a zone', async () => {
      const [here, hk] = [uuid(), uuid()];
      const runId = await insertRun(db, sealer, 10, 50, { zones: [here, hk], perZone: 3 });
      const far = { owner: uuid(), zones: { only: [hk] } };
      const near = { owner: uuid(), zones: { except: [hk] } };
      expect(await work(runId, far)).toEqual([1, 3, 5]);
      expect(await work(runId, near)).toEqual([0, 2, 4]);
      expect(await work(runId, { owner: uuid(), zones: { only: [uuid()] } })).toEqual([]);
      expect([...(await work(runId, far)), ...(await work(runId, near))]).toEqual([7, 9, 6, 8]);
      expect((await get(runId)).state).toBe('succeeded');
    });

    it('share the limit of all runs: who comes later waits for room and is never refused', async () => {
      const limited = createClaims(db, { leaseMs: 60_000, maxBusy: 5 });
      const [first, second] = [await insertRun(db, sealer, 4, 50), await insertRun(db, sealer, 4, 50)];
      const worker = everywhere();
      const one = await limited.exchange(first, worker, { ...nothing, want: 10 });
      const two = await limited.exchange(second, worker, { ...nothing, want: 10 });
      expect([one.claimed.length, two.claimed.length]).toEqual([4, 1]);
      await limited.exchange(first, worker, { ...nothing, begins: one.claimed });
      await limited.exchange(first, worker, { ...nothing, results: one.claimed.map(({ ordinal }) => ok(ordinal)) });
      expect((await limited.exchange(second, worker, { ...nothing, want: 10 })).claimed).toHaveLength(3);
      await claims.endAllLeases();
      await claims.takeBack(second);
      await db.transaction((tx) => service().stop(tx, second));
    });

    it('store output only of who has begun the attempt, also when it comes late', async () => {
      const runId = await insertRun(db, sealer, 1, 50);
      const worker = everywhere();
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 1 });
      await claims.exchange(runId, worker, { ...nothing, begins: claimed });
      await claims.endAllLeases();
      await claims.takeBack(runId);
      const before = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };
      const place = { ordinal: 0, attempt: 1, seq: 1, stream: 'stdout' as const, lines: 1, before };
      const chunk = { ...place, data: Buffer.from('mine\n') };
      await claims.exchange(runId, everywhere(), { ...nothing, chunks: [{ ...chunk, data: Buffer.from('forged\n') }] });
      await claims.exchange(runId, worker, { ...nothing, chunks: [chunk] });
      const { chunks } = await readOutput(db.knex, { runId, ordinal: 0, attempt: 1, after: 0, maxBytes: 1000 });
      expect(chunks.map(({ data }) => Buffer.from(data, 'base64').toString())).toEqual(['mine\n']);
    });

    it('keep a result that came too late as evidence, and ask the host itself', async () => {
      const runId = await insertRun(db, sealer, 2, 50);
      const dead = everywhere();
      const { claimed } = await claims.exchange(runId, dead, { ...nothing, want: 2 });
      await claims.exchange(runId, dead, { ...nothing, begins: claimed });
      await claims.endAllLeases();
      expect(await claims.takeBack(runId)).toBe(2);
      expect(await statesOf(runId)).toBe('lost lost');

      const late = await claims.exchange(runId, dead, { ...nothing, results: [ok(0)] });
      await claims.exchange(runId, everywhere(), { ...nothing, results: [ok(1)] });
      expect(late.accepted.size).toBe(0);
      expect(await statesOf(runId)).toBe('lost lost');
      const evidence = (ordinal: number) => runs.attempts(db.knex, runId, ordinal).then((found) => found.late);
      expect(await evidence(0)).toMatchObject([{ attempt: 1, worker: dead.owner, state: 'ok', exitCode: 0 }]);
      // Nobody else has ever begun it.
      expect(await evidence(1)).toEqual([]);

      const prober = everywhere();
      const due = await claims.exchange(runId, prober, { ...nothing, want: 5 });
      expect(due.claimed.map(({ ordinal, task }) => [ordinal, task]).sort()).toEqual([
        [0, 'probe'],
        [1, 'probe'],
      ]);
      const silent = { ask: 'look' as const, pid: null, survivors: [], message: 'm', tail: null };
      const probed = [
        { ...silent, ordinal: 0, attempt: 1, found: 'finished' as const, exitCode: 0, tail: Buffer.from('the end\n') },
        { ...silent, ordinal: 1, attempt: 1, found: 'running' as const, exitCode: null, pid: 4711 },
      ];
      // Who does not hold it says nothing.
      await claims.exchange(runId, everywhere(), { ...nothing, probed });
      expect(await statesOf(runId)).toBe('lost lost');
      await claims.exchange(runId, prober, { ...nothing, probed });
      expect(await statesOf(runId)).toBe('ok lost');
      const { items } = await runs.hosts(db.knex, runId, { limit: 2 });
      expect(items[1]).toMatchObject({ state: 'lost', survivors: [4711] });
      expect(items[1]?.probeAt).not.toBeNull();
      expect(await get(runId)).toMatchObject({ state: 'partly_succeeded', counts: { ok: 1, lost: 1 } });
    });

    it('end what is left of a lost script when the operator asks, once', async () => {
      const runId = await insertRun(db, sealer, 1, 50);
      const worker = everywhere();
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 1 });
      await claims.exchange(runId, worker, { ...nothing, begins: claimed });
      await claims.exchange(runId, worker, { ...nothing, results: [{ ordinal: 0, attempt: 1, state: 'lost' }] });
      for (let i = 0; i < 2; i++)
        expect(await db.transaction((tx) => service().ask(tx, runId, 'kill', undefined))).toMatchObject({ asked: 1 });
      const killer = everywhere();
      const due = await claims.exchange(runId, killer, { ...nothing, want: 5 });
      expect(due.claimed).toEqual([{ ordinal: 0, attempt: 1, task: 'kill' }]);
      expect((await claims.exchange(runId, everywhere(), { ...nothing, want: 5 })).claimed).toEqual([]);
      const said = { ordinal: 0, attempt: 1, exitCode: null, pid: null, survivors: [], message: 'gone', tail: null };
      const gone = { ...said, ask: 'kill' as const, found: 'unknown' as const };
      await claims.exchange(runId, killer, { ...nothing, probed: [gone] });
      const { items } = await runs.hosts(db.knex, runId, { limit: 1 });
      expect(items[0]).toMatchObject({ state: 'lost', message: 'gone', survivors: [], probeAt: null });
      expect((await claims.exchange(runId, killer, { ...nothing, want: 5 })).claimed).toEqual([]);
    });

    it('do not forget the end that was asked for while they were only looked for', async () => {
      const runId = await insertRun(db, sealer, 1, 50);
      const worker = everywhere();
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 1 });
      await claims.exchange(runId, worker, { ...nothing, begins: claimed });
      await claims.exchange(runId, worker, { ...nothing, results: [{ ordinal: 0, attempt: 1, state: 'lost' }] });
      const ask = (what: 'look' | 'kill') => db.transaction((tx) => service().ask(tx, runId, what, [0]));
      const exchange = (more: Partial<Exchange>) => claims.exchange(runId, worker, { ...nothing, want: 5, ...more });
      const host = async () => (await runs.hosts(db.knex, runId, { limit: 1 })).items[0];

      await ask('look');
      expect((await exchange({})).claimed).toEqual([{ ordinal: 0, attempt: 1, task: 'probe' }]);
      const { at } = await ask('kill');
      // Somebody who only looks takes nothing of it back.
      expect(await ask('look')).toMatchObject({ asked: 1 });
      const said = { ordinal: 0, attempt: 1, exitCode: null, survivors: [], message: 'still there', tail: null };
      const running = { ...said, found: 'running' as const, pid: 4711 };
      const next = await exchange({ probed: [{ ...running, ask: 'look' }] });
      expect(next.claimed).toEqual([{ ordinal: 0, attempt: 1, task: 'kill' }]);
      expect(await host()).toMatchObject({ message: 'still there', survivors: [4711] });
      expect(Date.parse((await host())?.probeAt ?? '')).toBeGreaterThanOrEqual(Date.parse(at));
      const ended = { ...said, found: 'finished' as const, exitCode: 143, pid: null, message: 'it ended' };
      expect((await exchange({ probed: [{ ...ended, ask: 'kill' }] })).claimed).toEqual([]);
      expect(await host()).toMatchObject({ state: 'failed', exitCode: 143, survivors: [], probeAt: null });
    });
  });
});
