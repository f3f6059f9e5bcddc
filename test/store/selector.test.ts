import { randomUUID } from 'node:crypto';
import { formatSelector, type HostDraft, matcherOf, parseSelector, type Selector } from '@omanager/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHosts } from '../../apps/server/src/features/inventory/hostWriter.ts';
import { databases, type TestDatabase } from './databases.ts';
import { clearInventory, createRig, draft, type Rig } from './inventoryRig.ts';

const names = ['a', 'A', 'web-01', 'web-1', 'web-10', 'web_01', 'webx01', '京-1', '𠮷-1', 'db.1', 'x%y'.slice(0, 1)];
const paths = ['web', 'web/www', 'web/www/eu', 'web-2', 'web shop', 'web0', '网站', '网站/首页'];
const labels = { role: ['', 'db', 'DB', 'web'], canary: ['', 'yes'] };

const hostArbitrary = fc.record({
  groups: fc.uniqueArray(fc.constantFrom(...paths), { maxLength: 3 }),
  labels: fc.record(
    { role: fc.constantFrom(...labels.role), canary: fc.constantFrom(...labels.canary) },
    { requiredKeys: [] },
  ),
  environment: fc.constantFrom('prod', 'Prod', '生产'),
  zone: fc.constantFrom('default', 'hk'),
});
const inventoryArbitrary = fc
  .uniqueArray(fc.constantFrom(...names), { minLength: 3 })
  .chain((chosen) => fc.tuple(...chosen.map((name) => hostArbitrary.map((host) => draft(name, host)))));

const leaf = fc.oneof(
  fc.constant<Selector>({ kind: 'all' }),
  fc.constantFrom(...names, 'nowhere').map((name): Selector => ({ kind: 'name', name })),
  fc.constantFrom('web-[01-12]', 'web-[1-12]', 'db.[1]').map((text): Selector => ({ kind: 'range', text })),
  fc
    .array(fc.constantFrom('web', '*', '?', '-', '_', '.', '1', '京', 'a'), { minLength: 1, maxLength: 4 })
    .map((parts) => `${parts.join('')}*`.replace(/^[-.]+/, '').replace(/\*+/g, '*'))
    .filter((pattern) => pattern !== '*')
    .map((pattern): Selector => ({ kind: 'glob', pattern })),
  fc.constantFrom(...paths, 'we').map((path): Selector => ({ kind: 'group', path })),
  fc
    .tuple(fc.constantFrom('role', 'canary', 'none'), fc.constantFrom(null, '', 'db', 'DB', 'yes'))
    .map(([key, value]): Selector => ({ kind: 'label', key, value })),
  fc.constantFrom('prod', 'Prod', 'PROD', '生产').map((name): Selector => ({ kind: 'environment', name })),
  fc.constantFrom('default', 'hk', 'HK').map((name): Selector => ({ kind: 'zone', name })),
);
const { tree } = fc.letrec<{ tree: Selector; many: Selector[] }>((tie) => ({
  many: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('tree').map((of): Selector => ({ kind: 'not', of })),
    tie('many').map((of): Selector => ({ kind: 'and', of })),
    tie('many').map((of): Selector => ({ kind: 'or', of })),
  ),
}));

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('selectors on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: Rig;
    beforeAll(async () => {
      database = await open();
      rig = createRig(database.db);
    });
    afterAll(() => database?.close());

    async function fill(drafts: readonly HostDraft[]): Promise<void> {
      await clearInventory(rig);
      await rig.call('zones.save', { zone: { name: 'hk' } });
      const added = drafts.map((draft) => ({ id: randomUUID(), createdAt: 0, draft }));
      const credentials = { idsByName: async () => new Map(), byIds: async () => new Map() };
      const changes = { added, changed: [], removed: [] };
      await rig.db.transaction((tx) => writeHosts(tx, changes, { credentials, now: 0 }));
    }
    const resolved = async (text: string) =>
      (await rig.inventory.resolve(rig.db.knex, text)).map((host) => host.name).sort();

    it('mean the hosts that the contract says they mean', async () => {
      await fc.assert(
        fc.asyncProperty(
          inventoryArbitrary,
          fc.array(tree, { minLength: 15, maxLength: 15 }),
          async (drafts, trees) => {
            await fill(drafts);
            for (const selector of trees) {
              const text = formatSelector(selector);
              const expected = drafts.filter(matcherOf(parseSelector(text))).map((host) => host.name);
              expect(await resolved(text), text).toEqual(expected.sort());
            }
          },
        ),
        { numRuns: 30 },
      );
    });

    it('are nobody when empty', async () => {
      await fill([draft('a')]);
      for (const text of ['', ' ', '\n']) {
        expect(await resolved(text)).toEqual([]);
        expect((await rig.call('hosts.list', { selector: text })).items).toEqual([]);
      }
      expect((await rig.call('hosts.list', {})).items).toHaveLength(1);
    });

    it('show which of their terms mean nobody', async () => {
      await fill([draft('web-1', { groups: ['g'] }), draft('web-2', { labels: { role: 'db' } })]);
      const empty = (text: string) => rig.inventory.emptyTerms(rig.db.knex, text);
      expect(await empty('web-[1-4], web-7, (group:g & !group:gg) | label:role & !label:role=web')).toEqual([
        'web-[3-4,7]',
        'group:gg',
        'label:role=web',
      ]);
      expect(await empty('w*, !x*, zone:hk, env:default, *')).toEqual(['x*', 'zone:hk']);
      expect(await empty('')).toEqual([]);
    });

    it('may be as large and as deep as the language allows', async () => {
      await fill([draft('a', { groups: ['g'] }), draft('b')]);
      const repeat = (count: number, text: (i: number) => string, operator: string) =>
        Array.from({ length: count }, (_, i) => text(i)).join(operator);
      const any: [string, string[]][] = [
        ['h[1-20000]', []],
        [`a,${repeat(1500, (i) => `h${i}`, ',')}`, ['a']],
        [`${repeat(99, (i) => `group:g${i}`, ',')},group:g`, ['a']],
        [repeat(100, () => 'group:g', '&'), ['a']],
        [repeat(100, (i) => `!label:l${i}`, '&'), ['a', 'b']],
        [repeat(100, (i) => `*${i}*`, '|'), []],
        [`${'!('.repeat(16)}a${')'.repeat(16)}`, ['a']],
        [`${'(group:x,!(group:y&a*,'.repeat(10)}a${'))'.repeat(10)}`, ['a']],
        [`${'('.repeat(32)}b${')'.repeat(32)}`, ['b']],
      ];
      for (const [text, expected] of any) expect(await resolved(text), text.slice(0, 60)).toEqual(expected);
    });
  });
});
