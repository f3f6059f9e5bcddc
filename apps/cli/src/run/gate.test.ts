import { OmError } from '@omanager/contract';
import { expect, it } from 'vitest';
import { fakeCli } from '../testing/fakeCli.ts';
import { makeRun } from '../testing/runs.ts';
import { gateText, type Passed, passGate, withGate } from './gate.ts';

const { module } = makeRun('queued', {});
const gate = { kind: 'confirm', phrase: 'prod 4', reason: true } as const;
const plan = { gate, module, total: 4 };
const reason = 'the disk is replaced';

it('asks for what is missing, and passes on what was given', async () => {
  expect(await passGate(fakeCli({ answers: ['prod 4', reason] }).cli, plan, {})).toEqual({ confirm: 'prod 4', reason });
  const given = { confirm: 'prod 4', reason };
  expect(await passGate(fakeCli().cli, plan, given)).toEqual(given);
  expect(await passGate(fakeCli().cli, { ...plan, gate: { kind: 'none' } }, { reason })).toEqual({ reason });
  expect(gateText(gate)).toBe('wants "prod 4" to be typed, and a reason of at least 10 characters');
});

it('asks for a yes before a change in production, and takes --yes or the very words', async () => {
  const asks = { ...plan, gate: { kind: 'agree', phrase: 'prod 4' } } as const;
  const passed = { confirm: 'prod 4' };
  expect(await passGate(fakeCli({ answers: ['y'] }).cli, asks, {})).toEqual(passed);
  expect(await passGate(fakeCli().cli, asks, { yes: true })).toEqual(passed);
  expect(await passGate(fakeCli().cli, asks, passed)).toEqual(passed);
  await expect(passGate(fakeCli({ answers: [''] }).cli, asks, {})).rejects.toThrow('was not yes');
  await expect(passGate(fakeCli().cli, asks, {})).rejects.toThrow('pass --yes');
  await expect(passGate(fakeCli().cli, asks, { confirm: 'prod 5' })).rejects.toThrow('Nothing was started');
  await expect(passGate(fakeCli().cli, plan, { yes: true, reason })).rejects.toThrow('pass --confirm');
  const call = async ({ confirm }: Passed): Promise<string> => {
    if (confirm === 'prod 4') return 'started';
    throw new OmError('CONFIRM_REQUIRED', 'no', { phrase: 'prod 4', kind: 'agree' });
  };
  expect(await withGate(fakeCli().cli, 'x', { yes: true }, call)).toBe('started');
});

it.each<[Passed, string]>([
  [{ confirm: 'prod 5', reason }, 'the confirmation is "prod 4"'],
  [{ confirm: 'prod 4', reason: 'short' }, 'at least 10 characters'],
  [{ confirm: 'prod 4' }, 'pass --reason TEXT'],
  [{ reason }, 'pass --confirm "prod 4"'],
])('types nothing for the operator: %j', async (given, why) => {
  await expect(passGate(fakeCli().cli, plan, given)).rejects.toThrow(why);
});

it('asks for what the server turns out to want, each once', async () => {
  const calls: Passed[] = [];
  const call = async (passed: Passed): Promise<string> => {
    calls.push(passed);
    if (passed.confirm !== 'prod 4') throw new OmError('CONFIRM_REQUIRED', 'no', { phrase: 'prod 4' });
    if (passed.reason === undefined) throw new OmError('REASON_REQUIRED');
    return 'started';
  };
  expect(await withGate(fakeCli({ answers: ['prod 4', reason] }).cli, 'x', {}, call)).toBe('started');
  expect(calls).toEqual([{}, { confirm: 'prod 4' }, { confirm: 'prod 4', reason }]);
  const never = async (): Promise<never> => {
    throw new OmError('REASON_REQUIRED', 'still not');
  };
  await expect(withGate(fakeCli({ answers: [reason, reason] }).cli, 'x', {}, never)).rejects.toThrow('still not');
});
