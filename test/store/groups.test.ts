import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databases, type TestDatabase } from './databases.ts';
import { clearInventory, createRig, draft, type Rig, refusal } from './inventoryRig.ts';

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('groups on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: Rig;
    beforeAll(async () => {
      database = await open();
      rig = createRig(database.db);
    });
    afterAll(() => database?.close());
    beforeEach(() => clearInventory(rig));

    const tree = async () =>
      Object.fromEntries((await rig.call('groups.list', {})).items.map((group) => [group.path, group.hosts]));
    const hostsIn = async (selector: string) =>
      (await rig.call('hosts.list', { selector })).items.map((host) => host.name);

    it('form a tree in which a group counts all servers below it, each once', async () => {
      await rig.call('hosts.add', { host: draft('a', { groups: ['web/www', 'web/api'] }) });
      await rig.call('hosts.add', { host: draft('b', { groups: ['web'] }) });
      await rig.call('hosts.add', { host: draft('c', { groups: ['web-2', 'web shop/x'] }) });
      await rig.call('groups.add', { path: '网站/首页/旧' });
      expect(await tree()).toEqual({
        'web shop': 1,
        'web shop/x': 1,
        'web-2': 1,
        web: 2,
        'web/api': 1,
        'web/www': 1,
        网站: 0,
        '网站/首页': 0,
        '网站/首页/旧': 0,
      });
      expect(Object.keys(await tree()).indexOf('web') + 1).toBe(Object.keys(await tree()).indexOf('web/api'));
    });

    it('are paged in tree order', async () => {
      for (const path of ['b/x', 'a/y/z', 'b-1']) await rig.call('groups.add', { path });
      const paths: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await rig.call('groups.list', { limit: 2, cursor });
        paths.push(...page.items.map((group) => group.path));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(paths).toEqual(['a', 'a/y', 'a/y/z', 'b-1', 'b', 'b/x']);
    });

    it('move with all below them and keep their servers', async () => {
      await rig.call('hosts.add', { host: draft('a', { groups: ['𠮷/www/eu'] }) });
      await rig.call('hosts.add', { host: draft('b', { groups: ['𠮷'] }) });
      expect(await rig.call('groups.move', { path: '𠮷', to: 'old/web' })).toMatchObject({ path: 'old/web', hosts: 2 });
      expect(await tree()).toEqual({ old: 2, 'old/web': 2, 'old/web/www': 1, 'old/web/www/eu': 1 });
      expect(await hostsIn('group:old/web/www')).toEqual(['a']);
      expect(await rig.call('groups.move', { path: 'old', to: 'old' })).toMatchObject({ path: 'old' });
    });

    it('do not move onto another, below themselves or beyond the bounds', async () => {
      for (const path of ['a/b', 'c', '1/2/3/4/5/6/7']) await rig.call('groups.add', { path });
      expect((await refusal(rig.call('groups.move', { path: 'a', to: 'c' }))).message).toContain('om groups assign c');
      expect((await refusal(rig.call('groups.move', { path: 'a', to: 'a/b/c' }))).code).toBe('CONFLICT');
      expect((await refusal(rig.call('groups.move', { path: 'a/b', to: 'a' }))).code).toBe('CONFLICT');
      expect((await refusal(rig.call('groups.move', { path: '1', to: 'x/y/z' }))).code).toBe('INVALID_PARAMS');
      expect((await refusal(rig.call('groups.move', { path: 'nope', to: 'x' }))).code).toBe('NOT_FOUND');
      expect(Object.keys(await tree())).toHaveLength(10);
    });

    it('are removed with those below; the servers stay', async () => {
      await rig.call('hosts.add', { host: draft('a', { groups: ['web/www', 'web-2'] }) });
      await rig.call('groups.remove', { path: 'web' });
      expect(await tree()).toEqual({ 'web-2': 1 });
      expect((await rig.call('hosts.get', { name: 'a' })).groups).toEqual(['web-2']);
      expect((await refusal(rig.call('groups.remove', { path: 'web' }))).code).toBe('NOT_FOUND');
    });

    it('take servers in and give them back by selector', async () => {
      for (const name of ['a-1', 'a-2', 'b-1']) await rig.call('hosts.add', { host: draft(name) });
      const assign = (selector: string, member: boolean, path = 'x/y') =>
        rig.call('groups.assign', { path, selector, member }).then((answer) => answer.changed);
      expect(await assign('a-*', true)).toBe(2);
      expect(await assign('*', true)).toBe(1);
      expect(await assign('', true)).toBe(0);
      expect(await hostsIn('group:x')).toEqual(['a-1', 'a-2', 'b-1']);
      expect(await assign('!b-1', false, 'x')).toBe(2);
      expect(await hostsIn('group:x')).toEqual(['b-1']);
      expect((await refusal(assign('*', false, 'nope'))).code).toBe('NOT_FOUND');
    });
  });
});
