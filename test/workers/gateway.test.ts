import { randomBytes } from 'node:crypto';
import { encodeKey, generateKeyPair } from '@omanager/secure-channel';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, createLocalBus } from '../../apps/server/src/bus/bus.ts';
import { type Claims, createClaims } from '../../apps/server/src/features/runs/claims/claims.ts';
import { createZoneWork } from '../../apps/server/src/features/runs/claims/zoneWork.ts';
import { readOutput } from '../../apps/server/src/features/runs/output/output.ts';
import { createRunStore } from '../../apps/server/src/features/runs/store.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { createGateway, type Gateway } from '../../apps/server/src/features/workers/gateway.ts';
import { createHandedIn } from '../../apps/server/src/features/workers/handedIn.ts';
import { createLanes, type Lanes } from '../../apps/server/src/features/workers/lanes.ts';
import { createRegistry, type Registry } from '../../apps/server/src/features/workers/registry.ts';
import { createSealedShards } from '../../apps/server/src/features/workers/sealedShards.ts';
import { createLocalQueue, type Queue } from '../../apps/server/src/queue/queue.ts';
import type { WorkerActor } from '../../apps/server/src/rpc/actor.ts';
import { databases, type TestDatabase } from '../store/databases.ts';

const [hk, us] = [uuid(), uuid()];
const leaseMs = 60_000;
const never = new AbortController().signal;
const before = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };
const chunk = (ordinal: number, seq: number, text: string) => ({
  ...{ ordinal, attempt: 1, seq, stream: 'stdout' as const, lines: 1, before },
  data: Buffer.from(text).toString('base64'),
});
const ok = (ordinal: number, attempt = 1) => ({ ordinal, attempt, state: 'ok' as const, exitCode: 0 });
const said = { chunks: [], results: [], probed: [], hostKeys: [], want: 0 };

describe.each(databases)('the gateway of zone workers on $name', ({ missing, open }) => {
  describe.skipIf(missing)('lets a worker', () => {
    let store: TestDatabase;
    let claims: Claims;
    let registry: Registry;
    let gateway: Gateway;
    let lanes: Lanes;
    let bus: Bus;
    let queue: Queue;
    const runs = createRunStore();
    const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
    const versions = new Map<string, number>();
    const zones = new Map([
      [hk, 'hk'],
      [us, 'us'],
    ]);

    beforeAll(async () => {
      store = await open();
      const { db } = store;
      [bus, queue] = [createLocalBus(), createLocalQueue()];
      claims = createClaims(db, { leaseMs, maxBusy: null });
      const work = createZoneWork(db);
      registry = createRegistry({
        db,
        zones: {
          byName: async (_on, name) =>
            [...zones].map(([id, known]) => ({ id, name: known })).find((z) => z.name === name),
          namesById: async () => zones,
        },
        leases: { end: work.endLeases, counts: work.leases },
        isDeviceKey: async () => false,
        raiseEpoch: async () => {},
        now: Date.now,
      });
      lanes = createLanes({ queue, bus });
      const plain = async () => Buffer.from('the shard');
      gateway = createGateway({
        ...{ claims, work, lanes },
        shards: createSealedShards({
          shards: { plan: plain, hosts: plain },
          seal: (_key, _bound, bytes) => bytes.slice(),
          work,
        }),
        handedIn: createHandedIn({
          work,
          hostKeys: { record: async () => {}, routes: async () => new Map() },
          runCapBytes: 1000,
        }),
        credentialVersions: async () => versions,
        zoneName: async (id) => zones.get(id) ?? '',
        seen: registry.seen,
        settings: { leaseMs, output: { capBytes: 1000 } },
        onChange: () => {},
      });
    });
    afterAll(async () => {
      await lanes.close();
      await queue.close();
      await store.close();
    });

    let made = 0;
    async function worker(zone: string): Promise<WorkerActor> {
      const publicKey = encodeKey(generateKeyPair().publicKey);
      const draft = { name: `w-${++made}`, zone, publicKey };
      await store.db.transaction((tx) => registry.add(tx, draft, 'tester'));
      const actor = await registry.ofKey(publicKey, '127.0.0.1');
      if (!actor) throw new Error('it was not let in');
      return actor;
    }

    const ask = (more: object = {}) => ({
      ...{ instance: uuid(), version: '1', want: 10, waitMs: 0, holding: [], credentials: [] },
      ...more,
    });
    const claimed = async (actor: WorkerActor, asked = ask()) => {
      const { shards } = await gateway['worker.claim'](actor, asked, never);
      return shards.map(({ runId, hosts }) => [runId, hosts.map(({ ordinal }) => ordinal)]);
    };
    const statesOf = async (runId: string) =>
      (await runs.hosts(store.db.knex, runId, { limit: 500 })).items.map(({ state }) => state).join(' ');
    const lateResults = async (runId: string) => (await runs.attempts(store.db.knex, runId, 0)).late;
    const stored = async (runId: string, ordinal: number) => {
      const place = { runId, ordinal, attempt: 1, after: 0, maxBytes: 10_000 };
      const { chunks } = await readOutput(store.db.knex, place);
      return chunks.map(({ data }) => Buffer.from(data, 'base64').toString());
    };

    /** A worker that has begun host 0 of a run of its own. */
    async function begun() {
      const actor = await worker('hk');
      const asked = ask({ want: 1 });
      const runId = await insertRun(store.db, sealer, 1, 50, { zones: [hk] });
      expect(await claimed(actor, asked)).toEqual([[runId, [0]]]);
      const of = { instance: asked.instance, runId };
      expect(await gateway['worker.begin'](actor, { ...of, hosts: [{ ordinal: 0, attempt: 1 }] }, never)).toMatchObject(
        {
          begun: [0],
          orders: { control: 'run' },
        },
      );
      const report = (more: object) => gateway['worker.report'](actor, { ...of, ...said, ...more }, never);
      return { actor, runId, report, of };
    }

    it('claim what belongs to its zone, in its own name', async () => {
      const [one, other, far] = [await worker('hk'), await worker('hk'), await worker('us')];
      const runId = await insertRun(store.db, sealer, 4, 50, { zones: [hk, us] });
      expect(await claimed(one, ask({ want: 1 }))).toEqual([[runId, [0]]]);
      expect(await claimed(other)).toEqual([[runId, [2]]]);
      expect(await claimed(far)).toEqual([[runId, [1, 3]]]);
      for (const actor of [one, other, far]) expect(await claimed(actor)).toEqual([]);
    });

    it('wait for a wake-up of its zone, and no other', async () => {
      const [near, far] = [await worker('hk'), await worker('us')];
      const waiting = claimed(near, ask({ waitMs: 20_000 }));
      const elsewhere = claimed(far, ask({ waitMs: 1500 }));
      const runId = await insertRun(store.db, sealer, 1, 50, { zones: [hk] });
      const began = performance.now();
      queue.wake(runId, hk);
      expect(await waiting).toEqual([[runId, [0]]]);
      // The sweep would have found it as well, but later.
      expect(performance.now() - began).toBeLessThan(1900);
      expect(await elsewhere).toEqual([]);
    });

    it('hear of a control, and of a credential that is no longer good', async () => {
      const actor = await worker('hk');
      const runId = await insertRun(store.db, sealer, 1, 50, { zones: [uuid()] });
      const known = [{ runId, control: 'run' as const, graceMs: 10_000 }];
      const waiting = gateway['worker.claim'](actor, ask({ waitMs: 20_000, holding: known }), never);
      await store.db.knex('runs').where({ id: runId }).update({ control: 'abort', grace_ms: 7 });
      bus.publish(`control:${runId}`);
      expect((await waiting).controls).toEqual([{ runId, control: 'abort', graceMs: 7 }]);
      const [good, old, gone] = [uuid(), uuid(), uuid()];
      versions.set(good, 3).set(old, 2);
      const credentials = [good, old, gone].map((id) => ({ id, version: id === good ? 3 : 1 }));
      const { stale } = await gateway['worker.claim'](actor, ask({ waitMs: 20_000, credentials }), never);
      expect(stale).toEqual([old, gone]);
    });

    it('ask anew: the question before claims nothing more', async () => {
      const actor = await worker('us');
      const asked = ask({ waitMs: 20_000 });
      const first = claimed(actor, asked);
      const second = claimed(actor, { ...asked, want: 0, waitMs: 0 });
      expect(await second).toEqual([]);
      expect(await first).toEqual([]);
      const runId = await insertRun(store.db, sealer, 1, 50, { zones: [us] });
      queue.wake(runId, us);
      expect(await claimed(actor, asked)).toEqual([[runId, [0]]]);
    });

    it('send a report twice: it counts once, and is no evidence of anything', async () => {
      const { runId, report } = await begun();
      const all = { chunks: [chunk(0, 1, 'a\n'), chunk(0, 2, 'b\n')], results: [ok(0)] };
      expect(await report(all)).toMatchObject({ accepted: [0] });
      expect(await report(all)).toMatchObject({ accepted: [] });
      expect(await stored(runId, 0)).toEqual(['a\n', 'b\n']);
      expect(await runs.get(store.db.knex, runId)).toMatchObject({ state: 'succeeded', counts: { ok: 1 } });
      expect(await lateResults(runId)).toEqual([]);
    });

    it('hand in what it began after its lease has ended: output is kept, the result is evidence', async () => {
      const { actor, runId, report } = await begun();
      await store.db.transaction((tx) => registry.revoke(tx, actor.workerName));
      expect(await registry.ofKey(actor.publicKey, '')).toBeNull();
      expect(await claims.takeBack(runId)).toBe(1);
      expect(await statesOf(runId)).toBe('lost');
      expect(await report({ chunks: [chunk(0, 1, 'late\n')], results: [ok(0)] })).toMatchObject({ accepted: [] });
      expect(await statesOf(runId)).toBe('lost');
      expect(await stored(runId, 0)).toEqual(['late\n']);
      expect(await lateResults(runId)).toMatchObject([{ attempt: 1, state: 'ok', exitCode: 0 }]);
    });

    it('say nothing about what it never began, also as another process of itself', async () => {
      const { actor, runId, of } = await begun();
      const other = { ...of, instance: uuid() };
      for (const [who, as] of [
        [actor, other],
        [await worker('hk'), of],
      ] as const) {
        const given = { ...said, ...as, chunks: [chunk(0, 9, 'forged')], results: [ok(0)] };
        expect(await gateway['worker.report'](who, given, never)).toMatchObject({ accepted: [] });
        const hosts = [{ ordinal: 0, attempt: 1 }];
        expect((await gateway['worker.begin'](who, { ...as, hosts }, never)).begun).toEqual([]);
        await gateway['worker.renew'](who, { ...as, holding: [{ runId, ordinals: [0] }] }, never);
        const plan = { ...ask({ want: 0 }), instance: as.instance, plan: { runId, part: 0 } };
        await expect(gateway['worker.claim'](who, plan, never)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      }
      expect(await stored(runId, 0)).toEqual([]);
      expect(await statesOf(runId)).toBe('running');
      expect(await lateResults(runId)).toEqual([]);
    });

    it('fill a run up to its cap and what may have been waiting, and no further', async () => {
      const { runId, report } = await begun();
      await store.db.knex('runs').where({ id: runId }).update({ output_bytes: 1_000_000_000 });
      await report({ chunks: [chunk(0, 1, 'too much')], results: [ok(0)] });
      expect(await stored(runId, 0)).toEqual([]);
      expect(await statesOf(runId)).toBe('ok');
    });

    it('be refused for a host of another zone, whatever it says', async () => {
      const { runId, of } = await begun();
      const far = await worker('us');
      const refused = expect.objectContaining({ code: 'FORBIDDEN' });
      const hosts = [{ ordinal: 0, attempt: 1 }];
      await expect(gateway['worker.begin'](far, { ...of, hosts }, never)).rejects.toEqual(refused);
      for (const more of [{ results: [ok(0)] }, { chunks: [chunk(0, 1, 'x')] }, { results: [ok(99)] }])
        await expect(gateway['worker.report'](far, { ...of, ...said, ...more }, never)).rejects.toEqual(refused);
      expect(await statesOf(runId)).toBe('running');
    });

    it('be revoked: only its own leases end', async () => {
      const [one, other] = [await worker('hk'), await worker('hk')];
      const runId = await insertRun(store.db, sealer, 2, 50, { zones: [hk] });
      await claimed(one, ask({ want: 1 }));
      await claimed(other, ask({ want: 1 }));
      const hostsOf = async (name: string) =>
        (await registry.list({ limit: 200 })).items.find((item) => item.name === name)?.hosts;
      expect([await hostsOf(one.workerName), await hostsOf(other.workerName)]).toEqual([1, 1]);
      await store.db.transaction((tx) => registry.revoke(tx, one.workerName));
      expect([await hostsOf(one.workerName), await hostsOf(other.workerName)]).toEqual([0, 1]);
      expect(await claims.takeBack(runId)).toBe(1);
      expect((await statesOf(runId)).split(' ').sort()).toEqual(['connecting', 'pending']);
      expect(await claimed(other, ask({ want: 1 }))).toHaveLength(1);
    });
  });
});
