import type { HostState } from '@omanager/contract';
import { expect, it } from 'vitest';
import { notOkBeside } from './notOkBeside.ts';
import { hostRun } from './testing.ts';

const states: readonly HostState[] = ['ok', 'failed', 'running', 'lost', 'ok'];
const store = { host: (at: number) => (states[at] ? hostRun(at, { state: states[at] }) : undefined) };
const beside = (from: number | null, by: 1 | -1, only?: HostState) =>
  notOkBeside(store, states.length, { from, by, ...(only && { only }) });

it('goes from one server that is not OK to the next, round the ends', () => {
  expect([beside(null, 1), beside(1, 1), beside(2, 1), beside(3, 1)]).toEqual([1, 3, 3, 1]);
  expect([beside(null, -1), beside(3, -1), beside(1, -1), beside(0, -1)]).toEqual([3, 1, 3, 3]);
});

it('keeps to the state that is filtered for, where that is one that is not OK', () => {
  expect([beside(1, 1, 'lost'), beside(null, -1, 'failed'), beside(1, 1, 'ok')]).toEqual([3, 1, 3]);
  expect(beside(3, 1, 'lost')).toBeNull();
});

it('finds nobody where all are OK', () => {
  expect(notOkBeside({ host: (at) => hostRun(at, { state: 'ok' }) }, 3, { from: 1, by: 1 })).toBeNull();
});
