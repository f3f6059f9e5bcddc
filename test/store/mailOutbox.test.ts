import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createDeliverer } from '../../apps/server/src/features/audit/delivery/deliverer.ts';
import { createTargetStore } from '../../apps/server/src/features/audit/delivery/targetStore.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { freePort } from '../lab/ports.ts';
import { smtpRefusal, startSmtp, type TestSmtp } from '../lab/smtp.ts';
import { waitFor } from '../lab/wait.ts';
import { alertTables, evaluate, raiseAlerts } from './alertsRig.ts';
import { commandTables, createIntakeRig, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const by = { by: 'ada', at: 1 };
const email = { from: 'om@example.com', to: ['ops@example.com'] };

describe.each(databases)('alerts by e-mail, from the outbox to the server, on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let smtp: TestSmtp;
    /** Null: it takes what comes. */
    let refusal: number | null = null;
    let clock = 0;
    const targets = createTargetStore(createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));

    beforeAll(async () => {
      database = await open();
      db = database.db;
      smtp = await startSmtp({
        onRcptTo: (_to, _session, done) => done(refusal === null ? null : smtpRefusal(refusal)),
      });
    });
    afterAll(async () => {
      await smtp?.close();
      await database?.close();
    });
    beforeEach(async () => {
      for (const table of [...commandTables, ...alertTables]) await db.knex(table).delete();
      smtp.mails.length = 0;
      refusal = null;
      clock = Date.now() + 60_000;
    });

    const add = (name: string, port: number) =>
      db.transaction((tx) =>
        targets.add(
          tx,
          {
            ...{ name, kind: 'email', enabled: true, least: 'info', withCommand: true, email },
            url: `smtp://127.0.0.1:${port}?tls=no`,
          },
          by,
        ),
      );
    const deliverer = (timeoutMs = 30_000) =>
      createDeliverer({
        ...{ db, targets, networks: ['127.0.0.0/8'], now: () => clock, timeoutMs },
        log: { error: (details: object) => expect.fail(JSON.stringify(details)) },
      });
    async function deliver(timeoutMs?: number): Promise<void> {
      const one = deliverer(timeoutMs);
      await one.drain();
      await one.stop();
    }
    const state = async (name: string) => (await targets.list(db.knex)).find((target) => target.name === name);

    it('what a server does not take just now (4xx) is sent later, each once', async () => {
      await add('ops', smtp.port);
      await raiseAlerts(db, by, 'rm a', 'rm b');
      refusal = 451;
      await deliver();
      const failed = { lastError: 'EENVELOPE (SMTP 451)', givenUp: 0 };
      expect(await state('ops')).toMatchObject({ ...failed, waiting: 2 });
      refusal = null;
      clock += 10_000;
      await deliver();
      await deliver();
      expect(await state('ops')).toMatchObject({ waiting: 0, lastError: null, givenUp: 0 });
      expect(smtp.mails.map((mail) => /rm [ab]/.exec(mail)?.[0])).toEqual(['rm a', 'rm b']);
    });

    it('what it will never take (5xx) is given up at once, and the next is tried', async () => {
      await add('ops', smtp.port);
      await raiseAlerts(db, by, 'rm a', 'rm b');
      refusal = 550;
      await deliver();
      expect(await state('ops')).toMatchObject({ waiting: 1, givenUp: 1, lastError: 'EENVELOPE (SMTP 550)' });
      refusal = null;
      await deliver();
      expect(await state('ops')).toMatchObject({ waiting: 0, givenUp: 1, lastError: null });
      expect(smtp.mails.map((mail) => /rm [ab]/.exec(mail)?.[0])).toEqual(['rm b']);
    });

    it('one that hangs and one that is gone keep up neither ingestion nor the others', async () => {
      const held: Socket[] = [];
      const hanging = createServer((socket) => {
        socket.on('error', () => {});
        held.push(socket);
      }).listen(await freePort(), '127.0.0.1');
      await once(hanging, 'listening');
      const address = hanging.address();
      onTestFinished(() => {
        for (const socket of held) socket.destroy();
        hanging.close();
      });
      await add('hanging', typeof address === 'object' && address ? address.port : 0);
      await add('gone', await freePort());
      await add('well', smtp.port);
      await raiseAlerts(db, by, 'rm a');
      const one = deliverer();
      const work = one.drain();
      await waitFor('the hanging one is waited for', () => held.length > 0);
      await waitFor('the others have had their turn', async () => {
        const [gone, well] = [await state('gone'), await state('well')];
        return gone?.lastError === 'ECONNREFUSED' && well?.waiting === 0;
      });
      // Meanwhile commands come in and raise alerts.
      const agent = await (await createIntakeRig(db)).agent();
      expect(await agent.send(1, [recordLine('rm b')])).toMatchObject({ status: 200 });
      await evaluate(db);
      expect(await state('hanging')).toMatchObject({ waiting: 2, lastAt: null });
      const more = one.drain();
      await waitFor('the second one, too', () => smtp.mails.length === 2);
      await one.stop();
      await Promise.all([work, more]);
      expect(await state('hanging')).toMatchObject({ waiting: 2, givenUp: 0 });
    });
  });
});
