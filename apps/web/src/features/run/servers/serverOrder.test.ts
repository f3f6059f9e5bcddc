import type { HostRun, HostState } from '@omanager/contract';
import { expect, it } from 'vitest';
import { sortedHosts } from './serverOrder.ts';

const id = '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10';
const host = (ordinal: number, name: string, state: HostState, durationMs: number | null = null): HostRun => ({
  ...{ ordinal, hostId: id, name, environment: 'prod', state, reason: null, message: null, attempt: 1 },
  ...{ exitCode: null, startedAt: null, endedAt: null, durationMs, stdoutBytes: 0, stderrBytes: 0, discardedBytes: 0 },
  ...{ discardedFor: null, filteredLines: 0, fold: null, survivors: [], probeAt: null, revision: 1 },
});
const hosts = [
  host(0, 'web-10', 'ok', 5),
  host(1, 'web-2', 'lost', 9),
  host(2, 'web-1', 'failed'),
  host(3, 'a', 'ok', 5),
];
const names = (sorted: readonly HostRun[]) => sorted.map(({ name }) => name);

it('puts what needs a look on top, and equals in the order of the plan', () => {
  expect(names(sortedHosts(hosts, 'state', null))).toEqual(['web-1', 'web-2', 'web-10', 'a']);
});

it('sorts names by their numbers and durations from the longest', () => {
  expect(names(sortedHosts(hosts, 'name', null))).toEqual(['a', 'web-1', 'web-2', 'web-10']);
  expect(names(sortedHosts(hosts, 'duration', null))).toEqual(['web-2', 'web-10', 'a', 'web-1']);
});

it('shows one state only when told', () => {
  expect(names(sortedHosts(hosts, 'name', 'ok'))).toEqual(['a', 'web-10']);
});
