import { type AlertRule, type AlertRuleDraft, alertRuleDraftSchema, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import { compileRule } from './matcher.ts';

interface Row {
  id: string;
  name: string;
  enabled: boolean | number;
  document: string;
  changed_by: string;
  changed_at: number;
}

interface By {
  by: string;
  at: number;
}

/** Each is held against every command: so many there are at most. */
const mostRules = 200;

export async function listRules(on: Knex, only: { enabled?: true } = {}): Promise<AlertRule[]> {
  const rows: Row[] = await on('alert_rules').where(only).orderBy('name');
  return rows.map(toRule);
}

export async function getRule(on: Knex, id: string): Promise<AlertRule> {
  const row: Row | undefined = await on('alert_rules').where({ id }).first();
  if (!row) throw new OmError('NOT_FOUND', 'There is no such rule; see om audit rules list.');
  return toRule(row);
}

export async function addRule(tx: Tx, draft: AlertRuleDraft, by: By): Promise<AlertRule> {
  compileRule(draft);
  const [count]: { n: number | string }[] = await tx('alert_rules').count({ n: '*' });
  if (Number(count?.n) >= mostRules)
    throw new OmError('TOO_LARGE', `There are ${mostRules} rules already; remove one first.`);
  const row = { id: uuid(), ...toRow(draft, by) };
  await refuseTaken(tx, draft.name, row.id);
  await tx('alert_rules').insert(row);
  return toRule(row);
}

export async function updateRule(tx: Tx, id: string, draft: AlertRuleDraft, by: By): Promise<AlertRule> {
  compileRule(draft);
  await refuseTaken(tx, draft.name, id);
  const row = toRow(draft, by);
  await tx('alert_rules').where({ id }).update(row);
  return toRule({ id, ...row });
}

export async function removeRule(tx: Tx, id: string): Promise<void> {
  await tx('alert_rules').where({ id }).delete();
}

async function refuseTaken(tx: Tx, name: string, id: string): Promise<void> {
  const taken: Row | undefined = await tx('alert_rules').where({ name }).whereNot({ id }).first();
  if (taken) throw new OmError('CONFLICT', `There is a rule ${name} already.`);
}

function toRow(draft: AlertRuleDraft, { by, at }: By): Omit<Row, 'id'> {
  const { name, enabled } = draft;
  return { name, enabled, document: JSON.stringify(draft), changed_by: by, changed_at: at };
}

function toRule(row: Row): AlertRule {
  const draft = alertRuleDraftSchema.parse(JSON.parse(row.document));
  return { id: row.id, ...draft, changedBy: row.changed_by, changedAt: iso(Number(row.changed_at)) };
}
