import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLooks, type Looks } from '../../apps/server/src/features/audit/looks.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import type { Actor } from '../../apps/server/src/rpc/actor.ts';
import { databases, type TestDatabase } from './databases.ts';

describe.each(databases)('who looks at the audit, on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let looks: Looks;
    let minute: number;
    const from = (address: string): Actor => ({ kind: 'device', deviceId: 'd', publicKey: 'k', address });
    const here = from('10.0.0.1');

    beforeAll(async () => {
      database = await open();
      return () => database.close();
    });
    beforeEach(async () => {
      await database.db.knex('action_events').delete();
      minute = 0;
      const now = () => minute * 60_000;
      looks = createLooks({ db: database.db, bus: { publish: () => {} }, audit: writeAudit, now });
    });
    const written = async () => Number((await database.db.knex('action_events').count({ n: '*' }).first())?.n);

    it('is written down once for a question, and again after ten minutes', async () => {
      for (minute of [0, 5, 9]) await looks.looked(here, 'commands.list', { text: 'a' });
      expect(await written()).toBe(1);
      minute = 10;
      await looks.looked(here, 'commands.list', { text: 'a' });
      expect(await written()).toBe(2);
    });

    it('is another look with other words, from elsewhere, or by another way', async () => {
      await looks.looked(here, 'commands.list', { text: 'a' });
      await looks.looked(here, 'commands.list', { text: 'b' });
      await looks.looked(from('10.0.0.2'), 'commands.list', { text: 'a' });
      await looks.looked(here, 'commands.follow', { text: 'a' });
      expect(await written()).toBe(4);
    });

    it('is written down each time when it leaves as a file', async () => {
      for (const _ of [1, 2]) await looks.exported(here, 'commands.export', {});
      expect(await written()).toBe(2);
    });
  });
});
