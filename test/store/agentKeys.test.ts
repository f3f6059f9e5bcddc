import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AgentKeys, createAgentKeys } from '../../apps/server/src/features/audit/agentKeys/agentKeys.ts';
import { pageOfAgents } from '../../apps/server/src/features/audit/agentKeys/agentPages.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from './databases.ts';

describe.each(databases)('the keys of agents on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let keys: AgentKeys;
    const host = randomUUID();

    beforeAll(async () => {
      database = await open();
      return () => database.close();
    });
    beforeEach(async () => {
      await database.db.knex('agent_keys').delete();
      keys = createAgentKeys({
        db: database.db,
        sealer: createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]),
      });
    });

    it('are found by their id, and stand sealed in the database', async () => {
      const made = await keys.issue(host);
      expect(made.key).toHaveLength(32);
      expect(await keys.findAgentKey(made.id)).toEqual({ hostId: host, key: made.key });
      expect(await keys.findAgentKey(randomUUID())).toBeUndefined();
      const row = await database.db.knex('agent_keys').first();
      expect(Buffer.from(row.key_sealed).includes(Buffer.from(made.key))).toBe(false);
    });

    it('do not open for another host', async () => {
      const made = await keys.issue(host);
      await database.db.knex('agent_keys').update({ host_id: randomUUID() });
      await expect(keys.findAgentKey(made.id)).rejects.toThrow();
    });

    it('are handed out again until they are used: an install that is tried twice leaves no key behind', async () => {
      const first = await keys.issue(host);
      expect(await keys.issue(host)).toEqual(first);
      expect((await keys.issue(randomUUID())).id).not.toBe(first.id);
      await keys.seen(first.id);
      expect((await keys.issue(host)).id).not.toBe(first.id);
    });

    it('are replaced by the first use of a newer one: until then both count', async () => {
      const old = await keys.issue(host);
      await keys.seen(old.id);
      const other = await keys.issue(randomUUID());
      const next = await keys.issue(host);
      expect(await keys.findAgentKey(old.id)).toBeDefined();
      expect(await keys.findAgentKey(next.id)).toBeDefined();
      await keys.seen(next.id);
      expect(await keys.findAgentKey(old.id)).toBeUndefined();
      expect(await keys.findAgentKey(next.id)).toBeDefined();
      expect(await keys.findAgentKey(other.id)).toBeDefined();
    });

    it('of a host are revoked together', async () => {
      const old = await keys.issue(host);
      await keys.seen(old.id);
      const next = await keys.issue(host);
      await database.db.transaction((tx) => keys.removed(tx, [host]));
      for (const { id } of [old, next]) expect(await keys.findAgentKey(id)).toBeUndefined();
      expect((await keys.issue(host)).id).not.toBe(next.id);
    });

    it('are paged whole by a filter that only a part of them passes', async () => {
      const names = Array.from(
        { length: 1100 },
        (_, i) => `${i % 100 === 0 ? 'web' : 'db'}-${String(i).padStart(4, '0')}`,
      );
      const hosts = new Map<string, string>(names.map((name) => [randomUUID(), name]));
      const made = { key_sealed: Buffer.from('x'), made_at: Date.now() };
      const rows = [...hosts.keys()].map((host_id, i) => ({ id: idOf(i), host_id, ...made }));
      for (let from = 0; from < rows.length; from += 100)
        await database.db.knex('agent_keys').insert(rows.slice(from, from + 100));
      // One has said nothing since it was installed an hour ago.
      await database.db
        .knex('agent_keys')
        .where({ id: idOf(300) })
        .update({ made_at: Date.now() - 3_600_000 });
      const describeHosts = async (ids: readonly string[]) =>
        new Map(
          ids.map((id) => [
            id,
            { name: hosts.get(id) ?? '', groups: [], labels: {}, environment: 'staging', zone: 'default' },
          ]),
        );
      const of = { db: database.db, describe: describeHosts, agentVersion: '1.0.0' };
      const found = async (asked: { host?: string; trouble?: 'any' | 'silent' }) => {
        const seen: (string | null)[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await pageOfAgents(of, {
            ...asked,
            limit: 2,
            ...(cursor && { cursor }),
          });
          seen.push(...page.items.map(({ hostName }) => hostName));
          if (page.next === undefined) return seen;
          cursor = page.next;
        }
      };
      expect(await found({ host: 'WEB' })).toEqual(names.filter((name) => name.startsWith('web')).reverse());
      expect(await found({ trouble: 'any' })).toEqual(['web-0300']);
      expect(await found({ trouble: 'silent' })).toEqual([]);
    });
  });
});

const idOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
