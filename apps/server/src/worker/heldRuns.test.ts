import { expect, test } from 'vitest';
import { createHeldRuns } from './heldRuns.ts';

const orders = { control: 'run' as const, graceMs: 1, forced: false, outputBytes: 0 };
const host = (ordinal: number) => ({ ordinal, attempt: 1, task: 'run' as const });

test('hosts wait in an inbox, are handed out once, and the run goes when the last was reported', () => {
  const gone: string[] = [];
  const held = createHeldRuns((runId) => gone.push(runId));
  held.add({ runId: 'r', orders, hosts: [host(1), host(2), host(3)] });
  expect([held.inboxed, held.waiting()]).toEqual([3, ['r']]);
  expect(held.take('r', 2)).toEqual([host(1), host(2)]);
  expect(held.inboxes()).toEqual([{ runId: 'r', hosts: [host(3)] }]);
  held.settle('r', [1, 2]);
  expect(gone).toEqual([]);
  expect(held.take('r', 9)).toEqual([host(3)]);
  expect(held.waiting()).toEqual([]);
  held.ordered('r', { control: 'abort' });
  expect(held.holding()).toEqual([{ runId: 'r', control: 'abort', graceMs: 1 }]);
  held.settle('r', [3]);
  expect([gone, held.holding(), held.take('r', 1)]).toEqual([['r'], [], []]);
});

test('a host that was claimed again, since its lease had ended, stands there once', () => {
  const held = createHeldRuns(() => {});
  held.add({ runId: 'r', orders, hosts: [host(1)] });
  held.add({ runId: 'r', orders, hosts: [{ ...host(1), attempt: 2 }] });
  expect(held.take('r', 9)).toEqual([{ ...host(1), attempt: 2 }]);
});
