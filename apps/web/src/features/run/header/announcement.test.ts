import { type Counts, hostStates, type Run } from '@omanager/contract';
import { expect, it } from 'vitest';
import { announced } from './announcement.ts';

const none: Counts = Object.fromEntries(hostStates.map((state) => [state, 0])) as Counts; // all keys of `hostStates`
const at = (counts: Partial<Counts>, state: Run['state'] = 'running') =>
  announced({ state, total: 1000, counts: { ...none, ...counts } });

it('says a handful of things of a run with thousands of changes', () => {
  const said = Array.from({ length: 1001 }, (_, ok) => at({ ok, running: 1000 - ok }));
  expect(new Set(said).size).toBe(5);
});

it('says the first failure at once and further ones with the rest', () => {
  expect(at({ ok: 10 })).not.toBe(at({ ok: 10, failed: 1 }));
  expect(at({ ok: 10, failed: 1 })).toBe(at({ ok: 10, failed: 2 }));
});

it('says each other outcome of a run that is over', () => {
  expect(at({ ok: 998, lost: 2 }, 'partly_succeeded')).not.toBe(at({ ok: 999, lost: 1 }, 'partly_succeeded'));
});
