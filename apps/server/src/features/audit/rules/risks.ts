import { alertSeverities, type CommandEvent, type CommandRisk } from '@omanager/contract';
import type { Knex } from 'knex';
import { type CompiledRule, candidates, compileRules } from './compiledRules.ts';
import { type DescribeHosts, hitsOf } from './matcher.ts';
import { listRules } from './ruleStore.ts';

/** Says of commands what the rules of today see in them. */
export type TagRisks = <T extends CommandEvent>(events: readonly T[]) => Promise<T[]>;

/** Each command with the gravest of the rules that find it, also when it is older than the rule. */
export function createTagRisks(knex: Knex, describe: DescribeHosts): TagRisks {
  let newest: { text: string; rules: CompiledRule[] } = { text: '[]', rules: [] };

  async function rulesNow(): Promise<CompiledRule[]> {
    const rules = await listRules(knex, { enabled: true });
    const text = JSON.stringify(rules);
    if (text !== newest.text) newest = { text, rules: compileRules(rules) };
    return newest.rules;
  }

  return async (events) => {
    if (!events.some(({ kind }) => kind === 'command')) return [...events];
    const risks = new Map<string, CommandRisk>();
    for (const { rule, matcher } of await rulesNow()) {
      const risk = { severity: rule.severity, rule: rule.name };
      for (const { id } of await hitsOf(matcher, await candidates(matcher, events), describe))
        if (graver(risk, risks.get(id))) risks.set(id, risk);
    }
    return events.map((event) => {
      const risk = risks.get(event.id);
      return risk ? { ...event, risk } : event;
    });
  };
}

function graver({ severity }: CommandRisk, than: CommandRisk | undefined): boolean {
  return than === undefined || alertSeverities.indexOf(severity) > alertSeverities.indexOf(than.severity);
}
