import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostRuns } from '../../apps/server/src/features/runs/history/hostRuns.ts';
import { createRunStore } from '../../apps/server/src/features/runs/store.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from './databases.ts';
import { clearInventory, createRig, draft, type Rig } from './inventoryRig.ts';

describe.each(databases)('the table of servers on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: Rig;
    const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
    beforeAll(async () => {
      database = await open();
      rig = createRig(database.db);
    });
    afterAll(() => database?.close());
    beforeEach(async () => {
      await clearInventory(rig);
      for (const table of ['run_output', 'run_hosts', 'runs']) await rig.db.knex(table).delete();
    });

    const add = async (name: string, more = {}) => (await rig.call('hosts.add', { host: draft(name, more) })).id;
    const names = async (params: object) =>
      (await rig.call('hosts.table', params)).items.map((host) => host.name).join(' ');

    /** A run whose hosts ended as told. */
    async function ran(ends: Record<string, object>): Promise<string> {
      const runId = await insertRun(rig.db, sealer, Object.keys(ends).length);
      for (const [ordinal, [host_id, end]] of Object.entries(ends).entries())
        await rig.db
          .knex('run_hosts')
          .where({ run_id: runId, ordinal })
          .update({ host_id, ...end });
      return runId;
    }
    const ok = { state: 'ok', started_at: 1000, ended_at: 2000, exit_code: 0 };
    const unreachable = { state: 'unreachable', reason: 'timeout', message: 'no answer', ended_at: 3000 };

    it('is sorted, and jumped into at any place', async () => {
      for (const [i, address] of ['10.0.0.3', '10.0.0.1', '10.0.0.2'].entries()) await add(`h-${i}`, { address });
      expect(await names({})).toBe('h-0 h-1 h-2');
      expect(await names({ sort: 'address' })).toBe('h-1 h-2 h-0');
      expect(await names({ descending: true, offset: 1, limit: 1 })).toBe('h-1');
      expect(await rig.call('hosts.table', { selector: '!h-1', limit: 1 })).toMatchObject({ total: 2, items: [{}] });
      expect(await rig.call('hosts.table', { selector: 'h-9' })).toEqual({ total: 0, items: [] });
    });

    it('tells what ran last, and whether anybody could be reached', async () => {
      const [a, b, c] = [await add('a'), await add('b'), await add('c')];
      const first = await ran({ [a]: ok, [b]: ok });
      const second = await ran({ [b]: unreachable });
      const third = await ran({ [a]: { state: 'pending' } });
      const { items } = await rig.call('hosts.table', {});
      const numbers = await Promise.all(
        [first, second, third].map(async (id) => (await createRunStore().get(rig.db.knex, id)).number),
      );
      expect(items).toMatchObject([
        {
          id: a,
          lastRun: { runId: third, number: numbers[2], state: 'pending', module: { id: 'test.module' } },
          contact: { state: 'ok', reason: null, at: '1970-01-01T00:00:02.000Z' },
        },
        {
          id: b,
          lastRun: { runId: second, state: 'unreachable' },
          contact: { state: 'unreachable', reason: 'timeout' },
        },
        { id: c, hostKey: 'none', lastRun: null, contact: null },
      ]);
      expect(await names({ sort: 'last_run', descending: true })).toBe('a b c');
      expect(await names({ sort: 'contact', descending: true })).toBe('b c a');
      expect(await names({ only: 'unreachable' })).toBe('b');
      expect(await names({ only: 'not_ok' })).toBe('b');
      expect(await names({ only: 'never_ran' })).toBe('c');
      expect(await rig.call('hosts.summary', {})).toEqual({
        total: 3,
        unreachable: 1,
        notOk: 1,
        neverRan: 1,
        ungrouped: 3,
      });
      expect(await rig.call('hosts.summary', { selector: 'a' })).toMatchObject({ total: 1, unreachable: 0 });
    });

    it('counts by environment and group, each server once in a group', async () => {
      await add('a', { environment: 'prod', groups: ['web/www', 'web/api'] });
      await add('b', { environment: 'lab', groups: ['web'] });
      await add('c', { environment: 'prod' });
      expect(await rig.call('hosts.tree', {})).toEqual({
        total: 3,
        ungrouped: 1,
        environments: [
          { name: 'lab', hosts: 1, groups: [{ path: 'web', hosts: 1 }] },
          {
            name: 'prod',
            hosts: 2,
            groups: [
              { path: 'web', hosts: 1 },
              { path: 'web/api', hosts: 1 },
              { path: 'web/www', hosts: 1 },
            ],
          },
        ],
      });
      expect(await names({ only: 'ungrouped' })).toBe('c');
    });

    it('shows the key of a server, the worst of what is known', async () => {
      const zone = await rig.db.knex('zones').where({ name: 'default' }).first('id');
      const key = (fingerprint: string, state: string, changed = false) =>
        rig.db.knex('host_keys').insert({
          id: uuid(),
          zone_id: zone.id,
          address: '10.0.0.1',
          port: 22,
          type: 'ssh-ed25519',
          key_data: 'k',
          fingerprint,
          state,
          changed,
          seen_at: 1,
        });
      await add('a');
      const trust = async () => (await rig.call('hosts.table', {})).items[0]?.hostKey;
      await key('f1', 'trusted');
      expect(await trust()).toBe('trusted');
      await key('f2', 'pending', true);
      expect(await trust()).toBe('changed');
    });

    it('tells what ran on one server, newest first, with the first error line', async () => {
      const a = await add('a');
      const runs: string[] = [];
      for (const end of [ok, { ...ok, state: 'failed', exit_code: 2 }, unreachable]) runs.push(await ran({ [a]: end }));
      const data = Buffer.from('\nrpm: no such package\nmore');
      await rig.db.knex('run_output').insert({
        run_id: runs[1],
        ordinal: 0,
        attempt: 1,
        seq: 1,
        stream: 'stderr',
        codec: 'plain',
        at: 1,
        size: data.length,
        data,
      });
      const page = await hostRuns(rig.db.knex, { hostId: a, limit: 2 });
      expect(page.items).toMatchObject([
        { run: { id: runs[2], startedBy: 'tester' }, host: { state: 'unreachable' }, firstError: 'no answer' },
        { run: { id: runs[1] }, host: { state: 'failed', exitCode: 2 }, firstError: 'rpm: no such package' },
      ]);
      const rest = await hostRuns(rig.db.knex, { hostId: a, limit: 2, cursor: page.next });
      expect(rest).toMatchObject({ items: [{ run: { id: runs[0] }, firstError: null }] });
      expect(rest.next).toBeUndefined();
    });

    it('numbers runs without a gap, also those that start together; a run is found by its number', async () => {
      const ids = await Promise.all([1, 2, 3, 4].map(() => insertRun(rig.db, sealer, 1)));
      const store = createRunStore();
      const numbers = await Promise.all(ids.map(async (id) => (await store.get(rig.db.knex, id)).number));
      const least = Math.min(...numbers);
      expect(numbers.toSorted((x, y) => x - y)).toEqual([0, 1, 2, 3].map((i) => least + i));
      expect((await store.get(rig.db.knex, numbers[2] ?? 0)).id).toBe(ids[2]);
      await expect(store.get(rig.db.knex, least + 99)).rejects.toThrow('no such run');
    });
  });
});
