import { OmError } from '@omanager/contract';
import { type Bus, createWaiter } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { Call, HandlersOf } from '../../../rpc/handlers.ts';
import type { Looks } from '../looks.ts';
import { acknowledge, countOpen, pageOfAlerts } from './alertStore.ts';
import { followAlerts } from './followAlerts.ts';
import type { DescribeHosts } from './matcher.ts';
import { addRule, getRule, listRules, removeRule, updateRule } from './ruleStore.ts';
import { type Starter, starterRules } from './starterRules.ts';
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
  | 'alerts.open'
  | 'alerts.acknowledge'
>;

interface Options {
  db: Database;
  bus: Bus;
  /** Alerts show commands. */
  looked: Looks['looked'];
  describe: DescribeHosts;
}

const sweepMs = 1000;
/** Of a mere number, which is followed by everybody who is signed in. */
const openSweepMs = 30_000;

export function createAlertHandlers({ db, bus, looked, describe }: Options): AlertHandlers {
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
      await looked(actor, 'alerts.testRule', { ...params, looked: found.looked });
      return found;
    },

    async 'alerts.starterRules'() {
      const known = new Set((await listRules(db.knex)).map(({ name }) => name));
      return { items: starterRules.map((starter) => ({ ...starter, added: isThere(starter, known) })) };
    },

    'alerts.addStarterRules': (call, { keys, language }) =>
      call.commit(async (tx, note) => {
        const known = new Set((await listRules(tx)).map(({ name }) => name));
        const items = [];
        for (const starter of wanted(keys))
          if (!isThere(starter, known))
            items.push(await addRule(tx, { ...starter.rule, name: nameOf(starter, language) }, by(call)));
        note.details = { after: items };
        return { items };
      }),

    'alerts.list': async ({ actor }, params) => {
      const { cursor: _, limit: __, ...asked } = params;
      await looked(actor, 'alerts.list', asked);
      return pageOfAlerts(db.knex, params);
    },

    'alerts.follow': async function* ({ actor, signal }, { after, ...filter }) {
      await looked(actor, 'alerts.follow', filter);
      using news = createWaiter(bus, 'alert', signal, sweepMs);
      const afterMs = after === undefined ? undefined : Date.parse(after);
      yield* followAlerts({ knex: db.knex, filter, afterMs, now: Date.now, wait: () => news.wait(), signal });
    },

    'alerts.open': async function* ({ signal }) {
      using news = createWaiter(bus, 'alert', signal, openSweepMs);
      for (let told = -1; !signal.aborted; await news.wait()) {
        const open = await countOpen(db.knex);
        if (open !== told) yield { open };
        told = open;
      }
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

function wanted(keys: readonly string[]): Starter[] {
  return [...new Set(keys)].map((key) => {
    const starter = starterRules.find((one) => one.key === key);
    if (!starter) throw new OmError('NOT_FOUND', `There is no starter rule ${key}.`);
    return starter;
  });
}

/** Its name is what an alert says to whoever is on call. */
const nameOf = ({ rule, title }: Starter, language: 'en' | 'zh'): string => (language === 'zh' ? title.zh : rule.name);

function isThere(starter: Starter, known: ReadonlySet<string>): boolean {
  return known.has(nameOf(starter, 'en')) || known.has(nameOf(starter, 'zh'));
}
