import { randomUUID } from 'node:crypto';
import { type AlertRuleDraft, alertRuleDraftSchema, type SelectableHost } from '@omanager/contract';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import type { Database } from '../../apps/server/src/db/database.ts';
import { type SealedRow, toCommandEvent } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { acknowledge, countOpen, pageOfAlerts } from '../../apps/server/src/features/audit/rules/alertStore.ts';
import { createEvaluator } from '../../apps/server/src/features/audit/rules/evaluator.ts';
import { followAlerts } from '../../apps/server/src/features/audit/rules/followAlerts.ts';
import { createTagRisks } from '../../apps/server/src/features/audit/rules/risks.ts';
import { addRule, updateRule } from '../../apps/server/src/features/audit/rules/ruleStore.ts';
import { testRule } from '../../apps/server/src/features/audit/rules/testRule.ts';
import { commandTables, createIntakeRig, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const tables = [...commandTables, 'alerts', 'alert_queue', 'alert_rules', 'leases'] as const;
const draft = (more: Partial<AlertRuleDraft>): AlertRuleDraft =>
  alertRuleDraftSchema.parse({ name: 'removal', severity: 'critical', pattern: '\\brm\\b', ...more });
const by = { by: 'ada', at: 1 };

describe.each(databases)('alerts on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let rig: Awaited<ReturnType<typeof createIntakeRig>>;
    const hosts = new Map<string, SelectableHost>();

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      for (const table of tables) await db.knex(table).delete();
      rig = await createIntakeRig(db);
    });

    const evaluator = (raised?: () => Promise<void>) =>
      createEvaluator({
        ...{ db, bus: createLocalBus(), log: { error() {} } },
        describe: async () => hosts,
        ...(raised && { raised }),
      });
    const add = (more: Partial<AlertRuleDraft> = {}) => db.transaction((tx) => addRule(tx, draft(more), by));
    const alerts = async () => (await pageOfAlerts(db.knex, { limit: 200 })).items;
    const evaluate = async () => {
      const one = evaluator();
      await one.drain();
      await one.stop();
    };

    it('are raised for what was stored, each match once, counted within the cooldown', async () => {
      await add();
      await add({ name: 'each', severity: 'info', cooldownSeconds: 0 });
      await add({ name: 'off', enabled: false });
      const agent = await rig.agent();
      await agent.send(1, [
        recordLine('rm a'),
        recordLine('ls'),
        recordLine('rm b'),
        recordLine('rm c', { user: 'bo' }),
      ]);
      await evaluate();
      await evaluate();
      await agent.send(5, [recordLine('rm d')]);
      await evaluate();
      const told = (await alerts()).map(
        ({ ruleName, user, command, count }) => `${ruleName} ${user} ${command} ${count}`,
      );
      expect(told.sort()).toEqual([
        ...['each ada rm a 1', 'each ada rm b 1', 'each ada rm d 1', 'each bo rm c 1'],
        ...['removal ada rm a 3', 'removal bo rm c 1'],
      ]);
      expect(await db.knex('alert_queue')).toEqual([]);
    });

    it('show in lists as the gravest that the rules of today find, also in what is older than a rule', async () => {
      const agent = await rig.agent();
      await agent.send(1, [recordLine('sudo rm a'), recordLine('ls'), recordLine('rm b'), recordLine('id')]);
      const rows: SealedRow[] = await db.knex('command_events').orderBy('id');
      const tag = createTagRisks(db.knex, async () => hosts);
      const risks = async () => (await tag(rows.map(toCommandEvent))).map(({ risk }) => risk);
      expect(await risks()).toEqual([undefined, undefined, undefined, undefined]);
      await add({ name: 'any', severity: 'info', pattern: '.', servers: 'nowhere' });
      const { id } = await add({ name: 'root', severity: 'critical', pattern: '^sudo' });
      await add({ name: 'removal', severity: 'warning' });
      await add({ name: 'off', pattern: 'ls', enabled: false });
      const removal = { severity: 'warning', rule: 'removal' };
      expect(await risks()).toEqual([{ severity: 'critical', rule: 'root' }, undefined, removal, undefined]);
      await db.transaction((tx) => updateRule(tx, id, draft({ name: 'root', severity: 'info', pattern: '^sudo' }), by));
      expect((await risks())[0]).toEqual(removal);
    });

    it('are not forgotten when the server ends before or within the evaluation, and not raised twice', async () => {
      await add({ cooldownSeconds: 0 });
      const agent = await rig.agent();
      await agent.send(1, [recordLine('rm a')]);
      await agent.send(2, [recordLine('rm b')]);
      const broken = evaluator(() => Promise.reject(new Error('killed here')));
      await expect(broken.drain()).rejects.toThrow('killed here');
      await broken.stop();
      expect(await alerts()).toEqual([]);
      const [one, two] = [evaluator(), evaluator()];
      await Promise.all([one.drain(), two.drain()]);
      await Promise.all([one.stop(), two.stop()]);
      expect((await alerts()).map(({ command }) => command).sort()).toEqual(['rm a', 'rm b']);
    });

    it('look at the servers and environments of a rule', async () => {
      const [prod, test, unknown] = [await rig.agent(), await rig.agent(), await rig.agent()];
      const host = { name: 'w1', groups: ['web'], labels: {}, zone: 'default' };
      hosts.set(prod.hostId, { ...host, environment: 'prod' }).set(test.hostId, { ...host, environment: 'test' });
      await add({ servers: 'group:web', environments: ['prod'] });
      for (const agent of [prod, test, unknown]) await agent.send(1, [recordLine('rm a')]);
      await evaluate();
      expect((await alerts()).map(({ hostId }) => hostId)).toEqual([prod.hostId]);
    });

    it('outlive their command, and are listed by filter and page', async () => {
      await add({ cooldownSeconds: 0 });
      const agent = await rig.agent();
      await agent.send(
        1,
        ['a', 'b', 'c'].map((name) => recordLine(`rm ${name}`)),
      );
      await evaluate();
      const first = await pageOfAlerts(db.knex, { limit: 2 });
      const rest = await pageOfAlerts(db.knex, { limit: 2, cursor: first.next ?? '' });
      const all = [...first.items, ...rest.items];
      expect(all.map(({ command }) => command)).toEqual(['rm c', 'rm b', 'rm a']);
      const ids = all.slice(0, 1).map(({ id }) => id);
      expect(await countOpen(db.knex)).toBe(3);
      const note = { by: 'eve', at: 7, note: 'planned' };
      expect(await db.transaction((tx) => acknowledge(tx, ids, note))).toBe(1);
      expect(await db.transaction((tx) => acknowledge(tx, ids, { ...note, by: 'bo' }))).toBe(0);
      expect(await countOpen(db.knex)).toBe(2);
      await db.knex('command_events').delete();
      const acknowledged = await pageOfAlerts(db.knex, { limit: 9, acknowledged: true, host: agent.hostId });
      expect(acknowledged.items).toMatchObject([{ id: ids[0], acknowledgedBy: 'eve', note: 'planned', command: null }]);
      expect((await pageOfAlerts(db.knex, { limit: 9, severities: ['info'] })).items).toEqual([]);
    });

    it('are followed as they change, each state once', async () => {
      await add();
      const agent = await rig.agent();
      const ending = new AbortController();
      const { signal } = ending;
      let step = 0;
      const steps = [
        async () => {
          await agent.send(1, [recordLine('rm a')]);
          await evaluate();
        },
        async () => {
          await agent.send(2, [recordLine('rm b')]);
          await evaluate();
        },
        async () => {
          const ids = (await alerts()).map(({ id }) => id);
          await db.transaction((tx) => acknowledge(tx, ids, { by: 'eve', at: Date.now(), note: '' }));
        },
      ];
      const wait = async () => {
        const next = steps[step++];
        if (next) await next();
        else ending.abort();
      };
      const told: string[] = [];
      const follow = { knex: db.knex, filter: {}, afterMs: undefined, now: Date.now, wait, signal };
      for await (const { alerts: some } of followAlerts(follow))
        for (const { count, acknowledgedBy } of some) told.push(`${count} ${acknowledgedBy}`);
      expect(told).toEqual(['1 null', '2 null', '2 eve']);
    });

    it('are tried on what is stored, within bounds, and it says how far it looked', async () => {
      const agent = await rig.agent();
      const now = Date.now();
      const lines = ['rm a', 'ls', 'rm b', 'ls', 'rm c'];
      await agent.send(
        1,
        lines.map((text, place) => recordLine(text, { time: String(now - 60_000 + place * 1000) })),
      );
      const rule = draft({});
      const all = await testRule(db, { rule, limit: 10 }, async () => hosts);
      expect(all).toMatchObject({ looked: 5, searchedTo: null });
      expect(all.items.map(({ text }) => text)).toEqual(['rm c', 'rm b', 'rm a']);
      const bounded = await testRule(db, { rule, limit: 10 }, async () => hosts, { most: 2 });
      expect(bounded).toMatchObject({ looked: 2, searchedTo: new Date(now - 57_000).toISOString() });
      const few = await testRule(db, { rule, limit: 1 }, async () => hosts);
      expect(few).toMatchObject({ items: [{ text: 'rm c' }], searchedTo: new Date(now - 56_000).toISOString() });
      expect(await db.knex('alerts')).toEqual([]);
    });

    it('have rules that are right, of one name each', async () => {
      const rule = await add();
      await expect(add()).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(add({ name: 'b', pattern: '(' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
      await expect(add({ name: 'b', servers: '((' })).rejects.toMatchObject({ code: 'SELECTOR_INVALID' });
      const changed = draft({ name: 'other', severity: 'info' });
      await db.transaction((tx) => updateRule(tx, rule.id, changed, by));
      await expect(add({ name: 'other' })).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(add({ name: randomUUID() })).resolves.toMatchObject({ enabled: true });
    });
  });
});
