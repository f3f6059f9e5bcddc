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
