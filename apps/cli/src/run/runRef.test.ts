import type { Client } from '@omanager/client';
import { expect, it } from 'vitest';
import { fakeCli } from '../testing/fakeCli.ts';
import { runIdOf } from './runRef.ts';

const ids = [
  '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a12',
  '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a11',
  '019a7b00-0000-7000-8000-1',
];
const runs = ids.map((id, i) => ({
  id,
  number: 812 - i,
  module: { id: 'system.uptime' },
  startedBy: 'ada',
  createdAt: '2026-01-01',
}));

/** Answers runs.list, newest first; the answers are typed by the contract at the edge of the real client. */
function clientOf(items: unknown[]): Client {
  return {
    call: async (method: string, { limit, runId }: { limit: number; runId: number }) =>
      method === 'runs.get' ? runs.find(({ number }) => number === runId) : { items: items.slice(0, limit) },
  } as never;
}

it('takes a whole id as it is, a number, the newest run, or a beginning that only one has; and says which', async () => {
  const { cli, stderr } = fakeCli();
  const other = '01890000-0000-7000-8000-000000000002';
  expect(await runIdOf(cli, clientOf([]), other)).toBe(other);
  expect(stderr.text).toBe('');
  expect(await runIdOf(cli, clientOf(runs), 'last')).toBe(ids[0]);
  expect(await runIdOf(cli, clientOf(runs), '019A7B00')).toBe(ids[2]);
  expect(await runIdOf(cli, clientOf(runs), '#811')).toBe(ids[1]);
  expect(await runIdOf(cli, clientOf(runs), '810')).toBe(ids[2]);
  expect(stderr.text).toContain(`#812 ${ids[0]}: system.uptime by ada`);
});

it.each([
  ['019a7c1e-5b7e', '2 runs begin with'],
  ['019affff', 'None of the latest 200 runs'],
  ['019a7b0', 'is no run'],
  ['latest', 'is no run'],
])('refuses %s', async (given, why) => {
  await expect(runIdOf(fakeCli().cli, clientOf(runs), given)).rejects.toThrow(why);
});

it('has no last run before the first', async () => {
  await expect(runIdOf(fakeCli().cli, clientOf([]), 'last')).rejects.toThrow('no run yet');
});
