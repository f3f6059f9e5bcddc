import { alertRuleSchema } from '@omanager/contract';
import { expect, it } from 'vitest';
import { draftOf, typedRule } from './ruleDraft.ts';

const rule = alertRuleSchema.parse({
  ...{ name: 'night work', severity: 'critical', pattern: '\\brm\\b', users: ['root'], servers: 'group:web' },
  ...{ environments: ['prod*'], window: { days: [6, 7], from: '22:00', to: '06:00', timeZone: 'Asia/Shanghai' } },
  ...{ cooldownSeconds: 60, id: '01990000-0000-7000-8000-000000000000', changedBy: 'ada' },
  changedAt: '2026-11-23T00:00:00.000Z',
});

it('sends a rule as it came when nothing was typed', () => {
  const { id: _id, changedBy: _by, changedAt: _at, ...draft } = rule;
  expect(draftOf(typedRule(rule))).toEqual(draft);
  const plain = { ...rule, servers: null, window: null };
  expect(draftOf(typedRule(plain))).toMatchObject({ servers: null, window: null });
});

it('waits for what is missing, and can be tried without a name', () => {
  const typed = typedRule(null);
  expect(draftOf(typed)).toBeNull();
  expect(draftOf({ ...typed, pattern: 'rm' })).toBeNull();
  expect(draftOf({ ...typed, pattern: 'rm' }, 'a test')).toMatchObject({ name: 'a test', pattern: 'rm' });
  const ready = { ...typed, name: ' x ', pattern: 'rm' };
  expect(draftOf(ready)?.name).toBe('x');
  for (const bad of [{ cooldown: null }, { timed: true, days: [] }, { timed: true, from: '' }])
    expect(draftOf({ ...ready, ...bad })).toBeNull();
});
