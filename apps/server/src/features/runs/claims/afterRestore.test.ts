import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertRun, openTestStore } from '../testing.ts';
import { endRunsOfBackup } from './afterRestore.ts';
import { createClaims } from './claims.ts';

describe('runs after a restore', () => {
  let store: Awaited<ReturnType<typeof openTestStore>>;

  beforeEach(async () => {
    store = await openTestStore();
  });
  afterEach(() => store.close());

  it('never go on: what was open is lost, and nobody can claim it', async () => {
    const { db } = store;
    const claims = createClaims(db, { leaseMs: 15_000, maxBusy: null });
    const runId = await insertRun(db, store.sealer, 10, 4);
    const finished = await insertRun(db, store.sealer, 1);
    const nothing = { chunks: [], results: [], probed: [], begins: [], want: 0 };
    const worker = { owner: uuid(), zones: { except: [] } };
    const first = await claims.exchange(finished, worker, { ...nothing, want: 1 });
    await claims.exchange(finished, worker, { ...nothing, begins: first.claimed });
    await claims.exchange(finished, worker, {
      ...nothing,
      results: [{ ordinal: 0, attempt: 1, state: 'ok', exitCode: 0 }],
    });
    const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: 4 });
    const [one, two] = claimed;
    if (!one || !two) throw new Error('nothing was claimed');
    await claims.exchange(runId, worker, { ...nothing, begins: [one, two] });
    await claims.exchange(runId, worker, { ...nothing, results: [{ ...one, state: 'ok', exitCode: 0 }] });

    const ended = await db.transaction((tx) => endRunsOfBackup(tx, Date.parse('2026-01-02T03:04:05.000Z')));

    expect(ended).toBe(1);
    const run = await db.knex('runs').where({ id: runId }).first();
    expect(JSON.parse(run.counts)).toMatchObject({ ok: 1, lost: 9, pending: 0, connecting: 0, running: 0 });
    expect(run.state).toBe('partly_succeeded');
    expect(run.ended_at).not.toBeNull();
    const lost = await db.knex('run_hosts').where({ run_id: runId, state: 'lost' });
    expect(lost).toHaveLength(9);
    expect(lost[0].message).toContain('Restored from a backup of 2026-01-02T03:04:05.000Z');
    expect(await claims.unfinished()).toEqual([]);
    expect((await claims.exchange(runId, { ...worker, owner: uuid() }, { ...nothing, want: 10 })).claimed).toEqual([]);
    expect((await claims.exchange(runId, worker, { ...nothing, begins: [two] })).begun.size).toBe(0);
    expect((await db.knex('runs').where({ id: finished }).first()).state).toBe('succeeded');
  });
});
