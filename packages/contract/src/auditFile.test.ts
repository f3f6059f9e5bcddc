import { expect, it } from 'vitest';
import { auditFileLine } from './auditFile.ts';
import type { ActionEvent } from './models/audit.ts';

const event: ActionEvent = {
  id: '01980000-0000-7000-8000-000000000000',
  at: '2026-01-01T00:00:00.000Z',
  actorKind: 'user',
  actorId: null,
  actorName: '=1+1',
  deviceId: null,
  address: '::1',
  action: 'runs.start',
  object: 'run "1", two',
  outcome: 'done',
  code: null,
  details: { a: 'x\ny' },
};

it('writes a line that spreadsheets read as text and never as a formula', () => {
  expect(auditFileLine('actions', event, 'csv')).toBe(
    `${event.id},${event.at},user,,'=1+1,,::1,runs.start,"run ""1"", two",done,,"{""a"":""x\\ny""}"\r\n`,
  );
});

it.each(['=1', ' =1', '\t@A', '＝1', '＋1', '－1', '＠A'])('takes %j for no formula', (actorName) => {
  expect(auditFileLine('actions', { ...event, actorName }, 'csv')).toContain(`,'${actorName},`);
});

it('writes a line of JSON that is the event', () => {
  expect(JSON.parse(auditFileLine('actions', event, 'jsonl'))).toEqual(event);
});
