import { randomBytes } from 'node:crypto';
import type { ActionEvent, Run } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalBus, createWaiter } from '../../apps/server/src/bus/bus.ts';
import { followEvents } from '../../apps/server/src/features/audit/followEvents.ts';
import { createAuditStore } from '../../apps/server/src/features/audit/store.ts';
import { runsByDay } from '../../apps/server/src/features/runs/history/runDays.ts';
import { listRuns } from '../../apps/server/src/features/runs/history/runLists.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createRunListFeed } from '../../apps/server/src/features/runs/watch/runListFeed.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from './databases.ts';

const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
const noon = Date.parse('2026-03-10T12:00:00Z');
const hourMs = 3_600_000;

describe.each(databases.filter(({ missing }) => !missing))('lists on $name', ({ open }) => {
  let database: TestDatabase;
  const numbers = (items: readonly Run[]) => items.map(({ number }) => number);
  const knex = () => database.db.knex;

  /** Runs 1 to 4, the last an hour before noon, each 12 hours after the one before. */
  beforeAll(async () => {
    database = await open();
    const states = ['succeeded', 'failed', 'succeeded', 'partly_succeeded'];
    for (const [i, state] of states.entries()) {
      const id = await insertRun(database.db, sealer, 1);
      const created_at = noon - hourMs - (states.length - 1 - i) * 12 * hourMs;
      await knex()('runs')
        .where({ id })
        .update({ state, created_at, started_by: i === 1 ? 'liu' : 'ada' });
      if (i === 2) await knex()('runs').where({ id }).update({ search: 'nightly 100%_done', environments: ',prod,' });
    }
  });
  afterAll(() => database?.close());

  const listed = async (asked: object) => numbers((await listRuns(knex(), { limit: 100, ...asked })).items);

  it('filters runs by each thing, newest first', async () => {
    const host: { host_id: string } = await knex()('run_hosts').join('runs', 'id', 'run_id').where('number', 2).first();
    expect(await listed({})).toEqual([4, 3, 2, 1]);
    expect(await listed({ states: ['succeeded', 'failed'] })).toEqual([3, 2, 1]);
    expect(await listed({ startedBy: 'liu' })).toEqual([2]);
    expect(await listed({ hostId: host.host_id })).toEqual([2]);
    expect(await listed({ environment: 'prod' })).toEqual([3]);
    expect(await listed({ environment: 'pro' })).toEqual([]);
    expect(await listed({ text: 'NIGHTLY 100%_d' })).toEqual([3]);
    expect(await listed({ text: '测试' })).toEqual([4, 2, 1]);
    expect(await listed({ module: 'test.module', from: '2026-03-09T11:00:00Z', to: '2026-03-10T11:00:00Z' })).toEqual([
      3, 2,
    ]);
  });

  it('goes on where a page ended, also among runs of the same moment', async () => {
    const first = await listRuns(knex(), { limit: 3 });
    const second = await listRuns(knex(), { limit: 3, cursor: first.next });
    expect([numbers(first.items), numbers(second.items), second.next]).toEqual([[4, 3, 2], [1], undefined]);
    await expect(listRuns(knex(), { limit: 3, cursor: 'bm9uZQ' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });

  it('looks through no more runs than one answer may, and says how far back that was', async () => {
    const bounds = { slice: 1, most: 2 };
    const first = await listRuns(knex(), { limit: 3, startedBy: 'ada', text: 'test.module\n' }, bounds);
    expect([numbers(first.items), first.lookedBackTo]).toEqual([[4], '2026-03-09T23:00:00.000Z']);
    const asked = { limit: 3, startedBy: 'ada', text: 'test.module\n', cursor: first.next };
    const second = await listRuns(knex(), asked, { slice: 1, most: 20 });
    expect([numbers(second.items), second.next, second.lookedBackTo]).toEqual([[1], undefined, undefined]);
    expect(numbers((await listRuns(knex(), { limit: 1, text: '测试' }, { slice: 3, most: 20 })).items)).toEqual([4]);
    const nothing = await listRuns(knex(), { limit: 3, text: 'no such words' }, { slice: 2, most: 20 });
    expect(nothing).toEqual({ items: [] });
  });

  it('counts days slice by slice as it counts them at once', async () => {
    const asked = { days: 3, offsetMinutes: 0 };
    expect(await runsByDay(knex(), asked, noon, 1)).toEqual(await runsByDay(knex(), asked, noon));
  });

  it('counts each day of a time zone by state', async () => {
    const { days } = await runsByDay(knex(), { days: 3, offsetMinutes: 0 }, noon);
    expect(days.map(({ day, counts }) => [day, counts])).toEqual([
      ['2026-03-08', { succeeded: 1 }],
      ['2026-03-09', { failed: 1, succeeded: 1 }],
      ['2026-03-10', { partly_succeeded: 1 }],
    ]);
    const east = await runsByDay(knex(), { days: 3, offsetMinutes: 8 * 60, startedBy: 'ada' }, noon);
    expect(east.days.map(({ counts }) => counts)).toEqual([
      {},
      { succeeded: 1 },
      { succeeded: 1, partly_succeeded: 1 },
    ]);
    expect(east.days[0]?.from).toBe('2026-03-07T16:00:00.000Z');
    expect(east.days[0]?.to).toBe(east.days[1]?.from);
  });

  it('tells of runs that begin, and of those that leave the filter', async () => {
    const bus = createLocalBus();
    const stop = new AbortController();
    const watch = createRunListFeed({ db: database.db, bus });
    const feed = watch({ after: 4, states: ['queued', 'running'] }, stop.signal)[Symbol.asyncIterator]();
    const next = feed.next();
    const id = await insertRun(database.db, sealer, 1);
    bus.publish('lists');
    expect((await next).value?.runs.map((run: Run) => run.id)).toEqual([id]);
    const gone = feed.next();
    await knex()('runs').where({ id }).update({ state: 'succeeded', revision: 2, created_at: noon });
    bus.publish('lists');
    expect((await gone).value).toEqual({ runs: [], left: [id] });
    stop.abort();
    expect((await feed.next()).done).toBe(true);
  });

  it('finds events by words anywhere, by family and by time', async () => {
    const store = createAuditStore(database.db);
    await knex()('action_events').insert([
      event(noon - hourMs, { action: 'runs.start', object: 'run 1', details: '{"reason":"Nightly 50%"}' }),
      event(noon, { action: 'hosts.add', object: 'host web-1', outcome: 'refused', code: 'FORBIDDEN' }),
      event(noon + hourMs, { action: 'runsome.thing', actor_name: 'liu' }),
    ]);
    const actions = async (asked: object) =>
      (await store.list({ limit: 10, ...asked })).items.map(({ action }) => action);
    expect(await actions({ text: 'nightly 50%' })).toEqual(['runs.start']);
    expect(await actions({ text: 'forbid' })).toEqual(['hosts.add']);
    expect(await actions({ family: 'runs' })).toEqual(['runs.start']);
    expect(await actions({ object: 'host web-1' })).toEqual(['hosts.add']);
    expect(await actions({ from: new Date(noon).toISOString() })).toEqual(['runsome.thing', 'hosts.add']);
    expect(await actions({ to: new Date(noon).toISOString() })).toEqual(['runs.start']);
  });

  it('follows events that were committed later than others with greater ids', async () => {
    const store = createAuditStore(database.db);
    const stop = new AbortController();
    using news = createWaiter(createLocalBus(), 'audit', stop.signal, 5);
    const late = event(Date.now(), { action: 'late.one' });
    const known = event(Date.now() + 5, { action: 'known.one' });
    const insert = (row: object) => knex()('action_events').insert(row);
    await insert(known);
    const events = followEvents({ store, filter: {}, after: known.id, wait: news.wait, signal: stop.signal });
    const follow = events[Symbol.asyncIterator]();
    async function said(): Promise<string[]> {
      const { value } = await follow.next();
      return value?.map(({ action }: ActionEvent) => action) ?? [];
    }
    expect(await said()).toEqual(['known.one']);
    await insert(event(Date.now() + 10, { action: 'first.one' }));
    expect(await said()).toEqual(['first.one']);
    await insert(late);
    expect(await said()).toEqual(['late.one']);
    stop.abort();
    expect((await follow.next()).done).toBe(true);
  });
});

function event(at: number, rest: object) {
  return {
    id: uuid({ msecs: at }),
    at,
    actor_kind: 'user',
    actor_name: 'ada',
    address: '',
    outcome: 'done',
    details: '{}',
    ...rest,
  };
}
