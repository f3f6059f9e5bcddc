import { randomUUID } from 'node:crypto';
import { contract, OmError, type ParamsIn, permissionsOf, type TimelineItem } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import type { Database } from '../../apps/server/src/db/database.ts';
import { countBehind } from '../../apps/server/src/features/audit/activity/countBehind.ts';
import { createActivityHandlers } from '../../apps/server/src/features/audit/activity/handlers.ts';
import { readCommands } from '../../apps/server/src/features/audit/commands/commandPages.ts';
import { createLooks, type Looks } from '../../apps/server/src/features/audit/looks.ts';
import { createEvaluator } from '../../apps/server/src/features/audit/rules/evaluator.ts';
import { createTimelineHandlers, type Told } from '../../apps/server/src/features/audit/timeline/handlers.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { recordingsBefore } from '../../apps/server/src/features/terminal/recordingsBefore.ts';
import type { SignedIn } from '../../apps/server/src/rpc/actor.ts';
import type { Call } from '../../apps/server/src/rpc/handlers.ts';
import { commandTables, createIntakeRig, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const tables = [...commandTables, 'alerts', 'alert_queue', 'command_activity', 'recordings', 'action_events', 'leases'];
const hourMs = 3_600_000;
/** Noon of yesterday, in UTC. */
const noon = Math.floor(Date.now() / (24 * hourMs)) * 24 * hourMs - 12 * hourMs;

describe.each(databases)('timelines and activity on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let rig: Awaited<ReturnType<typeof createIntakeRig>>;

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      for (const table of tables) await db.knex(table).delete();
      rig = await createIntakeRig(db);
      looks = undefined;
    });

    let looks: Looks | undefined;
    const eve = randomUUID();
    const bus = createLocalBus();
    const known = {
      hostIdOf: async () => undefined,
      hostIdsOfRun: async () => [],
      nameOf: async (id: string) => (id.includes('.') ? undefined : `host-${id.slice(0, 8)}`),
    };
    const told: Told = {
      runs: async () => ({ items: [], end: null }),
      statesOnHost: async () => new Map(),
      recordings: (of, older) => recordingsBefore(db.knex, of, older),
    };
    const callOf = (role: 'auditor' | 'viewer'): Call => {
      const actor: SignedIn = {
        ...{ kind: 'user', userId: eve, userName: 'eve', role, permissions: permissionsOf[role] },
        ...{ deviceId: null, sessionId: null, tokenId: null, publicKey: null, address: '' },
      };
      return {
        ...{ actor, connection: null, signal: new AbortController().signal, signedIn: () => actor },
        authorize(permission) {
          if (!permissionsOf[role].has(permission)) throw new OmError('FORBIDDEN');
        },
      };
    };
    const looked: Looks['looked'] = (...look) => {
      looks ??= createLooks({ db, bus, audit: writeAudit });
      return looks.looked(...look);
    };
    const timeline = (asked: ParamsIn<'audit.timeline'>, role: 'auditor' | 'viewer' = 'auditor') =>
      createTimelineHandlers({ db, looked, known, told })['audit.timeline'](
        callOf(role),
        contract['audit.timeline'].params.parse(asked),
      );
    const activity = (asked: ParamsIn<'commands.activity'>) =>
      createActivityHandlers({ db, looked, known })['commands.activity'](
        callOf('auditor'),
        contract['commands.activity'].params.parse({ days: 3, until: new Date(noon).toISOString(), ...asked }),
      );

    const words = (item: TimelineItem): string => {
      switch (item.kind) {
        case 'command':
        case 'gap':
          return `${item.kind} ${item.command.text}`;
        case 'action':
          return `action ${item.action.action}`;
        case 'session':
          return `session ${item.session.login}`;
        case 'alert':
          return `alert ${item.alert.ruleName}`;
        case 'run':
          return `run ${item.run.number}`;
      }
    };
    const act = (at: number, more: object) =>
      db.knex('action_events').insert({
        ...{ id: uuid({ msecs: at }), at, actor_kind: 'user', actor_name: 'ada', address: '', action: 'runs.start' },
        ...{ outcome: 'done', details: '{}', leaf: Buffer.alloc(32), ...more },
      });
    const record = (hostId: string, at: number, login: string) =>
      db.knex('recordings').insert({
        ...{ id: randomUUID(), host_id: hostId, host_name: 'h', address: '', login, user_id: randomUUID() },
        ...{ user_name: 'ada', from_address: '', state: 'ended', started_at: at, ended_at: at + 1, alive_at: at },
        ...{ cols: 80, rows: 24, input: false },
      });
    const raise = (hostId: string, at: number) =>
      db.knex('alerts').insert({
        ...{ id: uuid({ msecs: at }), rule_id: randomUUID(), rule_name: 'rm', severity: 'info', raised_at: at },
        ...{ host_id: hostId, host_name: 'h', user_name: 'ada', event_id: randomUUID(), last_event_id: randomUUID() },
        ...{ last_at: at, count: 1, note: '', version: 1, changed_at: at },
      });

    it('join what happened, newest first, page after page; what may not be seen is not there', async () => {
      const agent = await rig.agent();
      const line = (minute: number, text: string, user = 'ada') =>
        recordLine(text, { time: String(noon + minute * 60_000), user });
      await agent.send(1, [line(1, 'a'), line(4, 'b'), line(4, 'c'), line(9, 'of root', 'root')]);
      await agent.send(7, [line(10, 'd')]);
      await record(agent.hostId, noon + 4 * 60_000, 'deploy');
      await raise(agent.hostId, noon + 5 * 60_000);
      await act(noon + 3 * 60_000, {});
      await act(noon + 6 * 60_000, { actor_name: 'boss', action: 'users.setRole', object: 'user:ada' });
      await act(noon + 7 * 60_000, { action: 'hosts.update', object: `host-${agent.hostId.slice(0, 8)}` });
      await act(noon + 8 * 60_000, { actor_name: 'boss' });
      const hostName = `host-${agent.hostId.slice(0, 8)}`;
      const file = (object: string) => act(noon + 9 * 60_000, { actor_name: 'boss', action: 'files.remove', object });
      await file(`file:${hostName}:/etc/hosts`);
      await file(`file:${hostName}0:/etc/of another`);

      const ofUser = ['command d', 'action hosts.update', 'action users.setRole', 'alert rm'];
      const whole = await timeline({ user: 'ada' });
      expect(whole.items.map(words).slice(0, 4)).toEqual(ofUser);
      expect(new Set(whole.items.map(words).slice(4, 7))).toEqual(
        new Set(['command b', 'command c', 'session deploy']),
      );
      expect(whole.items.map(words).slice(7)).toEqual(['action runs.start', 'command a']);
      expect(whole).toMatchObject({ searchedTo: null, withheld: [] });

      const paged: string[] = [];
      for (let cursor: string | undefined, pages = 0; pages < 20; pages++) {
        const page = await timeline({ user: 'ada', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        paged.push(...page.items.map(words));
        cursor = page.next;
        if (cursor === undefined) break;
      }
      expect(paged).toEqual(whole.items.map(words));

      const ofHost = (await timeline({ host: agent.hostId })).items.map(words);
      expect(ofHost).toContain('command of root');
      expect(ofHost.some((text) => text.startsWith('gap records 5 to 6'))).toBe(true);
      expect(ofHost.filter((text) => text.startsWith('action'))).toEqual([
        'action files.remove',
        'action hosts.update',
      ]);
      const gaps = await timeline({ host: agent.hostId, kinds: ['gap'] });
      expect(gaps.items).toHaveLength(1);
      const until = new Date(noon + 5 * 60_000).toISOString();
      expect((await timeline({ user: 'ada', kinds: ['action', 'alert'], to: until })).items.map(words)).toEqual([
        'action runs.start',
      ]);

      const onHosts = async (...ids: string[]) => {
        const filter = { hosts: new Set(ids), kinds: ['command' as const] };
        return (await readCommands(db, { filter, period: {}, limit: 10 })).items.map(({ text }) => text);
      };
      expect(await onHosts(agent.hostId, randomUUID())).toHaveLength(5);
      expect(await onHosts(randomUUID())).toEqual([]);

      const less = await timeline({ user: 'ada' }, 'viewer');
      expect(less.withheld).toEqual(['session']);
      expect(less.items.some(({ kind }) => kind === 'session')).toBe(false);
      await expect(timeline({})).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
      const looked = await db.knex('action_events').where({ action: 'audit.timeline' });
      // Once for a question, not for its pages.
      expect(looked).toHaveLength(5);
    });

    it('count each command once, by the hour, of both sides', async () => {
      const run = randomUUID();
      rig = await createIntakeRig(db, {
        checkClaims: async (claims) => new Map(claims.map((_, place) => [place, { run_id: run, terminal_id: null }])),
      });
      const [agent, other] = [await rig.agent(), await rig.agent()];
      const line = (ms: number, more = {}) => recordLine('ls', { time: String(ms), ...more });
      await agent.send(1, [line(noon), line(noon + 1, { run }), line(noon + 2, { kind: 'ended' })]);
      await agent.send(4, [line(noon - 11.5 * hourMs), line(noon - 30 * hourMs, { user: 'root' })]);
      await other.send(1, [line(noon)]);
      const evaluate = async () => {
        const describe = async () => new Map();
        const one = createEvaluator({ db, bus, describe, behind: countBehind(db), log: { error() {} } });
        await one.drain();
        await one.stop();
      };
      await evaluate();
      await evaluate();

      const all = await activity({});
      expect(all.days.map(({ inside, outside }) => [inside, outside])).toEqual([
        [0, 0],
        [0, 1],
        [1, 3],
      ]);
      const hour = new Date(noon).getUTCDay() || 7;
      expect(all.hours).toContainEqual({ weekday: hour, hour: 12, inside: 1, outside: 2 });
      expect(all.hosts.map(({ name, inside, outside }) => [name, inside + outside])).toEqual([
        [`host-${agent.hostId.slice(0, 8)}`, 4],
        [`host-${other.hostId.slice(0, 8)}`, 1],
      ]);
      expect(all.users).toEqual([
        { name: 'ada', inside: 1, outside: 3 },
        { name: 'root', inside: 0, outside: 1 },
      ]);
      const east = await activity({ user: 'ada', offsetMinutes: -60 });
      expect(east.days.map(({ inside, outside }) => inside + outside)).toEqual([0, 1, 3]);
      expect((await activity({ host: other.hostId })).days.at(-1)).toMatchObject({ inside: 0, outside: 1 });
    });
  });
});
