import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditedOf, outcome, startAccess } from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';
import { clearInventory, createRig, refusal } from './inventoryRig.ts';

describe.each(databases.filter(({ missing }) => !missing))('own settings and server sets on $name', ({ open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await database.db.knex('user_settings').delete();
    await database.db.knex('server_sets').delete();
  });

  it('settings are each person’s own, change in parts and are on record', async () => {
    const { rig, admin } = await startAccess(database.db);
    const viewer = await rig.user('eve', 'viewer');
    const unset = await admin.call('settings.get', {});
    expect(unset).toMatchObject({ saved: false, settings: { favourites: [], singleKeys: true, quietHours: null } });
    await admin.call('settings.set', { favourites: ['file.read'], keys: { palette: ['Alt+P'] } });
    await admin.call('settings.set', { quietHours: { from: '22:00', to: '07:30' }, keys: {} });
    expect(await admin.call('settings.get', {})).toMatchObject({
      saved: true,
      settings: { favourites: ['file.read'], keys: {}, quietHours: { from: '22:00', to: '07:30' } },
    });
    expect(await viewer.call('settings.get', {})).toEqual(unset);
    expect(await auditedOf(database.db, { action: 'settings.set' })).toMatchObject([
      { outcome: 'done', object: 'user:root' },
      { outcome: 'done', object: 'user:root' },
    ]);
  });

  it('two changes at once undo nothing of each other, and settings stay small', async () => {
    const { admin } = await startAccess(database.db);
    await Promise.all([
      admin.call('settings.set', { favourites: ['file.read'] }),
      admin.call('settings.set', { singleKeys: false }),
    ]);
    expect((await admin.call('settings.get', {})).settings).toMatchObject({
      favourites: ['file.read'],
      singleKeys: false,
    });
    const savedFilters = Array.from({ length: 40 }, (_, i) => ({
      page: 'runs' as const,
      name: `filter ${i}`,
      query: 'x'.repeat(2000),
    }));
    expect(await outcome(admin.call('settings.set', { savedFilters }))).toBe('TOO_LARGE');
    const wrong = { quietHours: { from: '25:00', to: '07:00' } };
    expect(await outcome(admin.call('settings.set', wrong))).toBe('INVALID_PARAMS');
    expect((await admin.call('settings.get', {})).settings.savedFilters).toEqual([]);
  });

  it('a server set is replaced by its name, removed by it, and is always a selector', async () => {
    const rig = createRig(database.db);
    await clearInventory(rig);
    await rig.call('serverSets.save', { name: '网站 prod', selector: 'env:prod & group:web' });
    await rig.call('serverSets.save', { name: 'db', selector: 'db[01-04]' });
    expect(rig.seen.notes).toMatchObject([{ object: 'set:db' }]);
    await rig.call('serverSets.save', { name: 'db', selector: 'db[01-08]' });
    expect((await rig.call('serverSets.list', {})).items).toMatchObject([
      { name: 'db', selector: 'db[01-08]', savedBy: 'ada' },
      { name: '网站 prod', selector: 'env:prod & group:web' },
    ]);
    expect((await refusal(rig.call('serverSets.save', { name: 'x', selector: 'env:(' }))).code).toBe(
      'SELECTOR_INVALID',
    );
    await rig.call('serverSets.remove', { name: 'db' });
    expect((await refusal(rig.call('serverSets.remove', { name: 'db' }))).code).toBe('NOT_FOUND');
    expect((await rig.call('serverSets.list', {})).items.map(({ name }) => name)).toEqual(['网站 prod']);
  });
});
