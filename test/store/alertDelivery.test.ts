import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createDeliverer } from '../../apps/server/src/features/audit/delivery/deliverer.ts';
import { mostWaiting } from '../../apps/server/src/features/audit/delivery/outbox.ts';
import { createTargetStore } from '../../apps/server/src/features/audit/delivery/targetStore.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { alertTables, raiseAlerts } from './alertsRig.ts';
import { commandTables } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const by = { by: 'ada', at: 1 };

let receiver: Server;
let url: string;
let received: { path: string; body: Record<string, unknown> }[] = [];
let status = 200;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
      response.writeHead(status).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => receiver.once('listening', listening));
  // A server that listens on TCP has this kind of address.
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(() => void receiver.close());

describe.each(databases)('delivery of alerts on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
    const targets = createTargetStore(sealer);
    let clock = 0;

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      for (const table of [...commandTables, ...alertTables]) await db.knex(table).delete();
      received = [];
      status = 200;
      clock = Date.now() + 60_000;
    });

    const shown = { enabled: true, least: 'info', withCommand: true } as const;
    const add = (name: string, more: Partial<Parameters<typeof targets.add>[1]> = {}) =>
      db.transaction((tx) => targets.add(tx, { ...shown, name, kind: 'webhook', url: `${url}/${name}`, ...more }, by));
    async function deliver(networks = ['127.0.0.0/8']): Promise<void> {
      const log = { error: (details: object) => expect.fail(JSON.stringify(details)) };
      const deliverer = createDeliverer({ db, targets, networks, log, now: () => clock });
      await deliverer.drain();
      await deliverer.stop();
    }
    const raiseSome = (...commands: string[]) => raiseAlerts(db, by, ...commands);
    const state = async (name: string) => (await targets.list(db.knex)).find((target) => target.name === name);

    it('is tried again later when it failed, also by another process, and arrives once', async () => {
      await add('hook');
      await add('critical', { least: 'critical' });
      await add('quiet', { withCommand: false });
      await raiseSome('rm a', 'rm b');
      status = 500;
      await deliver();
      expect(await state('hook')).toMatchObject({ waiting: 2, lastError: 'HTTP 500', givenUp: 0 });
      status = 200;
      received = [];
      clock += 10_000;
      await deliver();
      await deliver();
      expect(await state('hook')).toMatchObject({ waiting: 0, lastError: null, givenUp: 0 });
      const got = (name: string) => received.filter(({ path }) => path === `/${name}`).map(({ body }) => body);
      expect(
        got('hook')
          .map(({ command }) => command)
          .sort(),
      ).toEqual(['rm a', 'rm b']);
      expect(got('quiet')).toHaveLength(2);
      expect(JSON.stringify(got('quiet'))).not.toContain('rm a');
      expect(got('critical')).toEqual([]);
    });

    it('goes to no address that is not listed, and says so', async () => {
      await add('hook');
      await raiseSome('rm a');
      await deliver([]);
      expect(received).toEqual([]);
      expect(await state('hook')).toMatchObject({
        waiting: 0,
        givenUp: 1,
        lastError: expect.stringMatching(/not public/),
      });
    });

    it('is given up in the end, and no more than so many wait', async () => {
      const { id } = await add('dead');
      await raiseSome('rm a');
      status = 503;
      for (let tried = 0; tried < 16; tried++, clock += 3_600_000) await deliver();
      expect(received).toHaveLength(16);
      expect(await state('dead')).toMatchObject({ waiting: 0, givenUp: 1, lastError: 'HTTP 503' });
      const rows = Array.from({ length: mostWaiting + 5 }, (_, n) => ({
        ...{ target_id: id, alert_id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` },
        ...{ attempts: 0, next_at: clock + 1e9 },
      }));
      await db.knex.batchInsert('alert_outbox', rows, 100);
      await deliver();
      expect(await state('dead')).toMatchObject({ waiting: mostWaiting, givenUp: 6 });
    });

    it('keeps address and secret sealed, and never drops the secret unsaid', async () => {
      const added = await add('hook', { secret: 'between us' });
      expect(JSON.stringify(await targets.list(db.knex))).not.toMatch(/between us|\/hook/);
      const change = (more: object) =>
        db.transaction(async (tx) =>
          targets.update(tx, await targets.find(tx, added.id), { ...shown, name: 'hook', ...more }, by),
        );
      const opened = async () => targets.open(await targets.find(db.knex, added.id));
      expect(await change({ least: 'critical' })).toMatchObject({ hasSecret: true, least: 'critical' });
      expect(await change({ url: `${url}/hook` })).toMatchObject({ hasSecret: true });
      const elsewhere = `${url}/elsewhere`;
      await expect(change({ url: elsewhere })).rejects.toMatchObject({
        code: 'INVALID_PARAMS',
        message: expect.stringContaining('give it again, or null for none'),
      });
      expect(await opened()).toEqual({ url: `${url}/hook`, secret: 'between us' });
      expect(await change({ url: elsewhere, secret: 'another' })).toMatchObject({ hasSecret: true });
      expect(await opened()).toEqual({ url: elsewhere, secret: 'another' });
      expect(await change({ url: `${url}/hook`, secret: null })).toMatchObject({ hasSecret: false });
      expect(await change({ url: elsewhere })).toMatchObject({ hasSecret: false });
      const row = await targets.find(db.knex, added.id);
      expect(() => targets.open({ ...row, id: '00000000-0000-7000-8000-000000000000' })).toThrow();
    });

    it('user and password of a mail server are changed together or not at all', async () => {
      const email = { from: 'om@example.com', to: ['ops@example.com'] };
      const mail = { kind: 'email' as const, url: 'smtps://mail.example:465' };
      const half = { code: 'INVALID_PARAMS', message: expect.stringContaining('both or neither') };
      await expect(add('half', { ...mail, email: { ...email, user: 'om' } })).rejects.toMatchObject(half);
      await expect(add('half', { ...mail, email, secret: 'pw' })).rejects.toMatchObject(half);
      const added = await add('ops', { ...mail, email: { ...email, user: 'om' }, secret: 'pw' });
      const change = (more: object) =>
        db.transaction(async (tx) =>
          targets.update(tx, await targets.find(tx, added.id), { ...shown, name: 'ops', ...more }, by),
        );
      const to = ['lead@example.com'];
      expect(await change({ email: { ...email, to, user: 'om' } })).toMatchObject({ hasSecret: true, email: { to } });
      const anew = { code: 'INVALID_PARAMS', message: expect.stringContaining('give it again') };
      await expect(change({ url: 'smtps://other.example:465' })).rejects.toMatchObject(anew);
      await expect(change({ email: { ...email, user: 'another' } })).rejects.toMatchObject(anew);
      await expect(change({ email })).rejects.toMatchObject(anew);
      await expect(change({ secret: null })).rejects.toMatchObject(half);
      await expect(change({ url: 'smtps://other.example:465', secret: null })).rejects.toMatchObject(half);
      expect(targets.open(await targets.find(db.knex, added.id))).toEqual({ url: mail.url, secret: 'pw' });
      const moved = await change({ url: 'smtps://other.example:465', email: { ...email, user: 'a' }, secret: 'b' });
      expect(moved).toMatchObject({ origin: 'smtps://other.example:465', hasSecret: true, email: { user: 'a' } });
      expect(await change({ email, secret: null })).toMatchObject({ hasSecret: false, email });
    });
  });
});
