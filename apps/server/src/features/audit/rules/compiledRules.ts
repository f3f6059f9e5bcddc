import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertRule, CommandEvent } from '@omanager/contract';
import { compileRule, type RuleMatcher } from './matcher.ts';

export interface CompiledRule {
  rule: AlertRule;
  matcher: RuleMatcher;
}

/** So long the event loop is held at a stretch. */
const sliceMs = 5;

/** A rule that this version cannot read is no reason to leave the others out. */
export function compileRules(rules: readonly AlertRule[]): CompiledRule[] {
  return rules.flatMap((rule) => {
    try {
      return [{ rule, matcher: compileRule(rule) }];
    } catch {
      return [];
    }
  });
}

/** Events that a rule may find, but for what it asks of their servers. */
export async function candidates(matcher: RuleMatcher, events: readonly CommandEvent[]): Promise<CommandEvent[]> {
  const found: CommandEvent[] = [];
  let until = performance.now() + sliceMs;
  for (const event of events) {
    if (matcher.mayMatch(event)) found.push(event);
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + sliceMs;
  }
  return found;
}
