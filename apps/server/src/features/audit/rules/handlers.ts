import { type AlertRuleDraft, OmError } from '@omanager/contract';
import { type Bus, createWaiter } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { Call, HandlersOf } from '../../../rpc/handlers.ts';
import type { WriteAudit } from '../writer.ts';
import { acknowledge, pageOfAlerts } from './alertStore.ts';
import { followAlerts } from './followAlerts.ts';
import type { DescribeHosts } from './matcher.ts';
import { addRule, getRule, listRules, removeRule, updateRule } from './ruleStore.ts';
import { starterRules } from './starterRules.ts';
import { testRule } from './testRule.ts';

export type AlertHandlers = HandlersOf<
  | 'alerts.rules'
  | 'alerts.addRule'
  | 'alerts.updateRule'
  | 'alerts.removeRule'
  | 'alerts.testRule'
  | 'alerts.starterRules'
  | 'alerts.addStarterRules'
  | 'alerts.list'
  | 'alerts.follow'
  | 'alerts.acknowledge'
>;

interface Options {
  db: Database;
  bus: Bus;
  audit: WriteAudit;
  describe: DescribeHosts;
}

const sweepMs = 1000;

export function createAlertHandlers({ db, bus, audit, describe }: Options): AlertHandlers {
  const by = (call: Call) => ({ by: call.signedIn().userName, at: Date.now() });
  return {
    'alerts.rules': async () => ({ items: await listRules(db.knex) }),

    'alerts.addRule': (call, { rule }) =>
      call.commit(async (tx, note) => {
        const after = await addRule(tx, rule, by(call));
        note.object = `rule:${rule.name}`;
        note.details = { after };
        return after;
      }),

    'alerts.updateRule': (call, { id, rule }) =>
      call.commit(async (tx, note) => {
        const before = await getRule(tx, id);
        note.object = `rule:${before.name}`;
        const after = await updateRule(tx, id, rule, by(call));
        note.details = { before, after };
        return after;
      }),

    'alerts.removeRule': (call, { id }) =>
      call.commit(async (tx, note) => {
        const before = await getRule(tx, id);
        note.object = `rule:${before.name}`;
        note.details = { before };
        await removeRule(tx, id);
        return { ok: true as const };
      }),

    async 'alerts.testRule'({ actor }, params) {
      const found = await testRule(db, params, describe);
      await db.transaction((tx) =>
        audit(tx, { actor, action: 'alerts.testRule', outcome: 'done', details: { ...params, looked: found.looked } }),
      );
      bus.publish('audit');
      return found;
    },

    async 'alerts.starterRules'() {
      const names = new Set((await listRules(db.knex)).map(({ name }) => name));
      return { items: starterRules.map((starter) => ({ ...starter, added: names.has(starter.rule.name) })) };
    },

    'alerts.addStarterRules': (call, { keys }) =>
      call.commit(async (tx, note) => {
        const names = new Set((await listRules(tx)).map(({ name }) => name));
        const items = [];
        for (const rule of wanted(keys)) if (!names.has(rule.name)) items.push(await addRule(tx, rule, by(call)));
        note.details = { after: items };
        return { items };
      }),

    'alerts.list': (_call, params) => pageOfAlerts(db.knex, params),

    'alerts.follow': async function* ({ signal }, { after, ...filter }) {
      using news = createWaiter(bus, 'alert', signal, sweepMs);
      const afterMs = after === undefined ? undefined : Date.parse(after);
      yield* followAlerts({ knex: db.knex, filter, afterMs, now: Date.now, wait: () => news.wait(), signal });
    },

    async 'alerts.acknowledge'(call, { ids, note: said }) {
      const done = await call.commit(async (tx) => ({
        acknowledged: await acknowledge(tx, [...new Set(ids)], { ...by(call), note: said }),
      }));
      bus.publish('alert');
      return done;
    },
  };
}

function wanted(keys: readonly string[]): AlertRuleDraft[] {
  return [...new Set(keys)].map((key) => {
    const starter = starterRules.find((one) => one.key === key);
    if (!starter) throw new OmError('NOT_FOUND', `There is no starter rule ${key}.`);
    return starter.rule;
  });
}
