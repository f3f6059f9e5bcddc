import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommandEvent, ParamsOf, ResultOf } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { fitting } from '../../../db/fitting.ts';
import { iso } from '../../../db/page.ts';
import { type Place, readCommands } from '../commands/commandPages.ts';
import { compileRule, type DescribeHosts, hitsOf } from './matcher.ts';

const weekMs = 7 * 24 * 3_600_000;
const atOnce = 500;
const bounds = { events: 50_000, ms: 2000 } as const;

/** What a rule would have found. The work is bounded; the answer says how far back it looked. */
export async function testRule(
  db: Database,
  { rule, from, to, limit }: ParamsOf<'alerts.testRule'>,
  describe: DescribeHosts,
  { most = bounds.events, now = Date.now }: { most?: number; now?: () => number } = {},
): Promise<ResultOf<'alerts.testRule'>> {
  const matcher = compileRule(rule);
  const period = { fromMs: from === undefined ? now() - weekMs : Date.parse(from), toMs: to && Date.parse(to) };
  const until = performance.now() + bounds.ms;
  const items: CommandEvent[] = [];
  let looked = 0;
  for (let before: Place | undefined; ; ) {
    const page = await readCommands(db, {
      ...{ filter: {}, before, limit: Math.min(atOnce, most - looked) },
      period: { fromMs: period.fromMs, ...(typeof period.toMs === 'number' && { toMs: period.toMs }) },
    });
    looked += page.items.length;
    const found = await hitsOf(
      matcher,
      page.items.filter((event) => matcher.mayMatch(event)),
      describe,
    );
    const room = limit - items.length;
    items.push(...found.slice(0, room));
    const all = items.length;
    items.splice(fitting(items).length);
    const last = items.at(-1);
    if ((found.length > room || items.length < all) && last) return { items, looked, searchedTo: last.at };
    if (!page.next) return { items, looked, searchedTo: null };
    if (looked >= most || performance.now() >= until) return { items, looked, searchedTo: iso(page.next.at) };
    before = page.next;
    await nextTurn();
  }
}
