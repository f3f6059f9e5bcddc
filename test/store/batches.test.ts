import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { pageOfAgents } from '../../apps/server/src/features/audit/agentKeys/agentPages.ts';
import { toCommandEvent } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { readCommands } from '../../apps/server/src/features/audit/commands/commandPages.ts';
import { commandTables, createIntakeRig, gone, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const good = recordLine('x').slice(0, -1).split('\t');
/** Fields that are numbers, or from a list: where these are not sound, the rest is not looked at. */
const whole = [1, 2, 8, 11];
const whenever = { fromMs: 0, toMs: Date.now() + 3_600_000 };

type Rig = Awaited<ReturnType<typeof createIntakeRig>>;

describe.each(databases)('batches of agents on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let rig: Rig;

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      for (const table of commandTables) await db.knex(table).delete();
      rig = await createIntakeRig(db);
    });

    const stored = async () => (await db.knex('command_events').orderBy('id')).map(toCommandEvent);
    const texts = async () =>
      (await stored()).map(({ kind, text }) => (kind === 'command' ? text : `(${kind}) ${text}`));

    it('of a shell that were taken out leave a hole, which is told of', async () => {
      const [agent, other] = [await rig.agent(), await rig.agent()];
      const typed = (number: number, more: { session?: string; kind?: string; user?: string } = {}) =>
        recordLine(`c${number}`, { number: String(number), session: 's', ...more });
      await agent.send(1, [typed(1), typed(2), typed(5), typed(5, { kind: 'ended' }), typed(6)]);
      await agent.send(6, [typed(7), typed(2, { session: 't' }), typed(9)]);
      // Numbers that go back are none; each server and each user counts for itself.
      await Promise.all([
        other.send(1, [typed(1), typed(2), typed(1), typed(3), typed(5)]),
        agent.send(
          9,
          [1, 3].map((number) => typed(number, { user: 'bo' }).replace('\t1000\t', '\t1001\t')),
        ),
      ]);
      // Sent again: nothing new.
      await agent.send(6, [typed(7)]);
      const gaps = (await stored()).filter(({ kind }) => kind === 'gap');
      const told = gaps.map(({ hostId, session, user, text }) => `${hostId} ${user} ${session}: ${text}`);
      const never = 'of this shell never came';
      expect(told.sort()).toEqual(
        [
          `${agent.hostId} ada s: commands 3 to 4 ${never}`,
          `${agent.hostId} ada t: command 1 ${never}`,
          `${agent.hostId} ada s: command 8 ${never}`,
          `${other.hostId} ada s: command 4 ${never}`,
          `${agent.hostId} bo s: command 2 ${never}`,
        ].sort(),
      );
      expect(gaps[0]).toMatchObject({ number: 3, uid: 1000, via: 'server', signed: true, outside: false });
      // Each stands before the command that follows it.
      expect((await texts()).slice(1, 4)).toEqual(['c2', '(gap) commands 3 to 4 of this shell never came', 'c5']);
    });

    it('bring with them how the agent does', async () => {
      const agent = await rig.agent();
      const agents = { db, describe: async () => new Map(), agentVersion: '1.0.0' };
      const listed = async () => (await pageOfAgents(agents, { limit: 10 })).items[0]?.agent;
      expect(await listed()).toBeNull();
      const at = Date.now();
      await agent.send(1, [recordLine('1.2.3', { kind: 'started', time: String(at - 90_000) })]);
      expect(await listed()).toMatchObject({ version: '1.2.3', heartbeatAt: null, waiting: null });
      expect((await listed())?.lagMs).toBeGreaterThanOrEqual(88_000);
      const text = 'version=1.2.4 waiting=12 kib=44 bound=65536 lost=3 offset=60 more=x kib';
      await agent.send(2, [recordLine(text, { kind: 'heartbeat', time: String(at + 60_000) })]);
      expect(await listed()).toMatchObject({
        ...{ version: '1.2.4', waiting: 12, spoolKib: 44, spoolBoundKib: 65_536, lost: 3, silentSince: null },
        ...{ address: '192.0.2.1', heartbeatAt: expect.any(String) },
      });
      // The forwarder has put its clock right by 60 s when it signed: it is that far behind.
      expect(Math.abs(((await listed())?.clockSeconds ?? 0) + 60)).toBeLessThan(30);
      await agent.send(3, [recordLine('waiting=-1 kib=x version=', { kind: 'heartbeat' })]);
      expect(await listed()).toMatchObject({ version: '1.2.4', waiting: 12, spoolKib: 44 });
    });

    it('are refused when the signature is not right, and the good ones are unharmed', async () => {
      const [agent, other] = [await rig.agent(), await rig.agent()];
      const line = recordLine('rm -rf /');
      const body = Buffer.from(line);
      const good = agent.headersOf(body);
      const refused = [
        rig.post({ ...good, 'om-signature': `v1=${'0'.repeat(64)}` }, body),
        rig.post(good, Buffer.from(recordLine('altered'))),
        rig.post({ ...good, 'om-first': '2' }, body),
        rig.post({ ...good, 'om-host': other.hostId }, body),
        rig.post({ ...good, 'om-key': other.keyId }, body),
        rig.post({ ...good, 'om-key': randomUUID() }, body),
        (await rig.agent(gone)).send(1, [line]),
      ];
      for (const answer of await Promise.all(refused)) expect(answer).toMatchObject({ status: 401 });
      expect(rig.refusals.map(({ code }) => code).sort()).toEqual([
        ...['BAD_KEY', 'BAD_SIGNATURE', 'BAD_SIGNATURE', 'BAD_SIGNATURE'],
        ...['NO_SUCH_HOST', 'OTHER_HOST', 'OTHER_HOST'],
      ]);
      await db.knex('agent_keys').where({ id: other.keyId }).update({ revoked_at: 1 });
      expect(await other.send(1, [line])).toMatchObject({ status: 401, body: { code: 'BAD_KEY' } });
      expect(await rig.post({ ...good, 'om-time': 'x' }, body)).toMatchObject({ status: 400 });
      expect(await stored()).toEqual([]);
      expect(await rig.post(good, body)).toMatchObject({ status: 200 });
      expect(await texts()).toEqual(['rm -rf /']);
    });

    it('are refused when a word above them is another than was signed', async () => {
      const agent = await rig.agent();
      const body = Buffer.from(recordLine('x'));
      const good = agent.headersOf(body);
      const others = {
        'om-time': String(Number(good['om-time']) + 1),
        'om-boot': randomUUID(),
        'om-first': '3',
        'om-signature': good['om-signature'].replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      };
      for (const [name, value] of Object.entries(others))
        expect(await rig.post({ ...good, [name]: value }, body), name).toMatchObject({ status: 401 });
      for (const altered of [Buffer.concat([body, body]), Buffer.from(recordLine('y')), body.subarray(1)])
        expect(await rig.post(good, altered)).toMatchObject({ status: 401, body: { code: 'BAD_SIGNATURE' } });
      expect(await stored()).toEqual([]);
      // As it was signed, and then the same once more.
      expect(await rig.post(good, body)).toMatchObject({ status: 200, body: { next: 2 } });
      expect(await rig.post(good, body)).toMatchObject({ status: 200, body: { next: 2 } });
      expect(await texts()).toEqual(['x']);
    });

    it('are refused when what was signed is old, also when it was right then', async () => {
      let at = Date.now() - 3_600_000;
      rig = await createIntakeRig(db, { now: () => at });
      const agent = await rig.agent();
      const body = Buffer.from(recordLine('x', { time: String(at) }));
      const kept = agent.headersOf(body);
      expect(await rig.post(kept, body)).toMatchObject({ status: 200 });
      at += 3_600_000;
      expect(await rig.post(kept, body)).toMatchObject({ status: 401, body: { code: 'CLOCK' } });
      const soon = { 'om-time': String(Math.floor(at / 1000) + 400) };
      expect(await agent.send(2, [recordLine('y')], soon)).toMatchObject({ status: 401, body: { code: 'CLOCK' } });
      expect(rig.refusals.map(({ code, host }) => ({ code, host }))).toEqual([
        { code: 'CLOCK', host: agent.hostId },
        { code: 'CLOCK', host: agent.hostId },
      ]);
      expect(await texts()).toEqual(['x', expect.stringMatching(/^\(clock\) 360\d s behind$/)]);
    });

    it('of any content are stored or refused, and the good ones after them are taken', async () => {
      const agent = await rig.agent();
      let next = 1;
      const field = fc.oneof(
        fc.constantFrom(
          '',
          '0',
          '-1',
          '9999999999',
          '999999999999999',
          '99999999999999999999',
          '\\x00',
          '\\xff',
          '1e3',
        ),
        fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\t\n]/g, ' ')),
        fc.string({ unit: fc.constantFrom('\ud83e', '\udd86', '漢', '\\x80', "'", '%', '\u202e') }),
      );
      const kind = fc.constantFrom('command', 'ended', 'heartbeat', 'dropped', 'started', 'order');
      const line = fc
        .tuple(kind, fc.array(field, { minLength: 14, maxLength: 14 }), fc.subarray(whole, { minLength: 3 }))
        .map(([first, rest, sound]) => {
          const fields = [first, ...rest];
          for (const at of sound) fields[at] = good[at] ?? '';
          return `${fields.join('\t')}\n`;
        });
      await fc.assert(
        fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 4 }), async (lines) => {
          const answer = await agent.send(next, lines);
          expect([200, 400]).toContain(answer.status);
          const body: { next?: number } = answer.body;
          next = body.next ?? next;
          expect(await agent.send(next, [recordLine('good')])).toMatchObject({ status: 200, body: { next: next + 1 } });
          next++;
        }),
        { numRuns: 40 },
      );
      const { items } = await readCommands(db, { filter: { text: 'good' }, period: whenever, limit: 200 });
      expect(items.length).toBeGreaterThanOrEqual(40);
      expect((await stored()).length).toBeGreaterThanOrEqual(items.length);
    });

    it('of a wrong clock are refused and told of; times that cannot be are marked', async () => {
      const agent = await rig.agent();
      const now = Math.floor(Date.now() / 1000);
      expect(await agent.send(1, [recordLine('a')], { 'om-time': String(now - 400) })).toMatchObject({
        status: 401,
        body: { code: 'CLOCK', now: expect.any(Number) },
      });
      const future = Date.now() + 3_600_000;
      await agent.send(1, [recordLine('late', { time: String(future) }), recordLine('old', { time: '1000' })]);
      const events = await stored();
      expect(events.map(({ kind, marks, claimedAt }) => ({ kind, marks, claimedAt }))).toEqual([
        { kind: 'clock', marks: [], claimedAt: null },
        { kind: 'command', marks: ['clock'], claimedAt: new Date(future).toISOString() },
        { kind: 'command', marks: ['clock'], claimedAt: '1970-01-01T00:00:01.000Z' },
      ]);
    });
  });
});
