import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { toCommandEvent } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { readCommands } from '../../apps/server/src/features/audit/commands/commandPages.ts';
import { followCommands } from '../../apps/server/src/features/audit/commands/followCommands.ts';
import { createSilenceWatch } from '../../apps/server/src/features/audit/commands/silence.ts';
import { commandTables, createIntakeRig, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

type Rig = Awaited<ReturnType<typeof createIntakeRig>>;

describe.each(databases)('commands of agents on $name', ({ missing, open }) => {
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

    it('count once, whatever is sent again', async () => {
      const agent = await rig.agent();
      const lines = ['a', 'b', 'c', 'd'].map((text) => recordLine(text));
      expect(await agent.send(1, lines.slice(0, 2))).toEqual({ status: 200, body: { next: 3 } });
      expect(await agent.send(1, lines.slice(0, 2))).toEqual({ status: 200, body: { next: 3 } });
      expect(await agent.send(2, lines.slice(1))).toEqual({ status: 200, body: { next: 5 } });
      const again = await Promise.all([agent.send(5, lines), agent.send(5, lines), agent.send(1, lines)]);
      expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
      // What is wanted next never goes back.
      expect(await agent.send(2, lines.slice(0, 1))).toEqual({ status: 200, body: { next: 9 } });
      expect(await texts()).toEqual(['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']);
    });

    it('that are missing are told of, and a new spool too', async () => {
      const agent = await rig.agent();
      await agent.send(1, [recordLine('a')]);
      expect(await agent.send(7, [recordLine('g')])).toMatchObject({ body: { next: 8 } });
      await agent.send(1, [recordLine('120 spool full', { kind: 'dropped' })], { 'om-boot': randomUUID() });
      expect(await texts()).toEqual([
        'a',
        '(gap) records 2 to 6 are missing',
        'g',
        '(gap) a new spool: what the last one still held is lost',
        '(dropped) 120 spool full',
      ]);
    });

    it('keep every character, and what is no UTF-8 is marked', async () => {
      const agent = await rig.agent();
      const long = 'x'.repeat(10_240);
      await agent.send(1, [
        recordLine('echo \'a "b"\' | tee \\\\n 漢字 🦆'),
        recordLine('for i in 1 2\\ndo\\techo $i\\ndone'),
        recordLine(long),
        recordLine('caf\\xe9 \\x00 \\xe6\\xbc\\xa2'),
      ]);
      const events = await stored();
      expect(events.map(({ text }) => text)).toEqual([
        'echo \'a "b"\' | tee \\n 漢字 🦆',
        'for i in 1 2\ndo\techo $i\ndone',
        long,
        'caf\ufffd \0 漢',
      ]);
      expect(events.map(({ marks }) => marks)).toEqual([[], [], [], ['bytes']]);
      expect(events[0]).toMatchObject({
        ...{ hostId: agent.hostId, user: 'ada', uid: 1000, tty: 'pts/0', directory: '/home/ada', exit: 0 },
        ...{ via: 'bash', signed: true, outside: true, source: '10.0.0.9', address: '192.0.2.1' },
      });
    });

    it('belong to a run only where that is true', async () => {
      const run = randomUUID();
      rig = await createIntakeRig(db, {
        checkClaims: async (claims) =>
          new Map(claims.flatMap(({ id }, at) => (id === run ? [[at, { run_id: id, terminal_id: null }]] : []))),
      });
      const agent = await rig.agent();
      await agent.send(1, [recordLine('a'), recordLine('b', { run: randomUUID() }), recordLine('c', { run })]);
      expect((await stored()).map(({ runId, outside }) => ({ runId, outside }))).toEqual([
        { runId: null, outside: true },
        { runId: null, outside: true },
        { runId: run, outside: false },
      ]);
    });

    it('stop: silence is told of once, and so is the end of it', async () => {
      const agent = await rig.agent();
      await agent.send(1, [recordLine('', { kind: 'heartbeat' })]);
      expect(await stored()).toEqual([]);
      const watch = createSilenceWatch({ db, writer: rig.writer, log: { error() {} }, silentMs: 60_000 });
      await watch.look();
      await db.knex('agent_streams').update({ last_seen: Date.now() - 120_000 });
      await watch.look();
      await watch.look();
      await agent.send(2, [recordLine('back')]);
      expect((await stored()).map(({ kind }) => kind)).toEqual(['silence', 'resumed', 'command']);
    });

    it('are listed newest first, by every filter, page by page', async () => {
      const [one, two] = [await rig.agent(), await rig.agent()];
      const base = Date.now() - 100_000;
      for (const [n, agent] of [one, two].entries())
        await agent.send(
          1,
          Array.from({ length: 60 }, (_, i) =>
            recordLine(`cmd ${i} of ${n} ${i % 7 === 0 ? 'Needle' : ''}`, {
              ...{ time: String(base + i * 1000 + n), user: i % 2 ? 'bob' : 'ada', exit: i % 5 === 0 ? '1' : '0' },
            }),
          ),
        );
      const all = (await stored()).sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1));
      const cases = [
        { filter: {}, wanted: () => true },
        { filter: { host: { id: one.hostId } }, wanted: ({ hostId }: (typeof all)[0]) => hostId === one.hostId },
        { filter: { user: 'bob' }, wanted: ({ user }: (typeof all)[0]) => user === 'bob' },
        { filter: { text: 'nEEdle' }, wanted: ({ text }: (typeof all)[0]) => text.includes('Needle') },
        {
          filter: { host: { id: two.hostId }, user: 'ada', text: 'needle', exit: 'failed' as const },
          wanted: ({ hostId, user, text, exit }: (typeof all)[0]) =>
            hostId === two.hostId && user === 'ada' && text.includes('Needle') && exit !== 0,
        },
        { filter: { session: 'none' }, wanted: () => false },
      ];
      for (const { filter, wanted } of cases) {
        const found = [];
        for (let before: { at: number; id: string } | undefined; ; ) {
          const page = await readCommands(db, {
            filter,
            period: { fromMs: base, toMs: base + 50_000 },
            before,
            limit: 7,
          });
          found.push(...page.items);
          before = page.next;
          if (!before) break;
        }
        const expected = all.filter(({ at }) => Date.parse(at) < base + 50_000).filter(wanted);
        expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }
    });

    it('are not buried under the programs that the kernel saw, which come when they are asked for', async () => {
      const agent = await rig.agent();
      const now = Date.now();
      const at = (n: number) => ({ time: String(now - 1000 + n) });
      await agent.send(1, [recordLine('typed', at(0))]);
      const flood = Array.from({ length: 700 }, (_, n) =>
        recordLine(`run ${n}`, { ...at(n + 1), kind: 'executed', number: '', session: 'ses-3' }),
      );
      await agent.send(2, flood);
      const list = async (kinds?: ('executed' | 'command')[], limit = 10) => {
        const page = await readCommands(db, {
          ...{ filter: kinds ? { kinds } : {}, period: { fromMs: 0, toMs: now + 3_600_000 }, limit },
        });
        return page.items.map(({ text }) => text);
      };
      expect(await list()).toEqual(['typed']);
      expect(await list(['executed'], 2)).toEqual(['run 699', 'run 698']);
      expect(await list(['executed', 'command'], 1000)).toHaveLength(701);
      const [one] = (await stored()).filter(({ kind }) => kind === 'executed');
      // Of it nobody knows whether it belongs to a run.
      expect(one).toMatchObject({ outside: false, signed: true, number: null });
    });

    it('are followed as they are stored, each once', async () => {
      const agent = await rig.agent();
      await agent.send(1, [recordLine('before')]);
      const ended = new AbortController();
      let news = Promise.withResolvers<void>();
      const wait = async () => {
        await news.promise;
        news = Promise.withResolvers();
      };
      const options = { knex: db.knex, filter: { user: 'ada' }, after: undefined, wait, signal: ended.signal };
      const seen: string[] = [];
      const following = followCommands(options)[Symbol.asyncIterator]();
      const first = following.next();
      for (const [i, user] of ['ada', 'bob', 'ada'].entries()) {
        await agent.send(2 + i, [recordLine(`c${i}`, { user })]);
        news.resolve();
      }
      for (let step = await first; ; step = await following.next()) {
        for (const { text } of step.value?.events ?? []) seen.push(text);
        if (seen.length === 2) break;
      }
      ended.abort();
      expect(seen).toEqual(['c0', 'c2']);
    });
  });
});
