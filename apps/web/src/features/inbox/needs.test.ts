import { type HostState, hostStates, type RunState } from '@omanager/contract';
import { describe, expect, it } from 'vitest';
import { inboxOf, needKey, needOf } from './needs.ts';

const counts = (some: Partial<Record<HostState, number>> = {}) => ({
  ...(Object.fromEntries(hostStates.map((state) => [state, 0])) as Record<HostState, number>),
  ...some,
});
const run = (id: string, state: RunState, endedAt: string | null = '2026-01-02T00:00:00Z', attempt = 1) => ({
  ...{ id, state, endedAt, attempt, createdAt: '2026-01-01T00:00:00Z', counts: counts() },
});
const since = '2026-01-01T12:00:00Z';

describe('what needs a person', () => {
  it('is a pause, a lost server and an end that is not OK', () => {
    expect(needOf({ state: 'paused', counts: counts() })).toBe('asks');
    expect(needOf({ state: 'running', counts: counts({ lost: 1 }) })).toBe('lost');
    expect(needOf({ state: 'partly_succeeded', counts: counts({ failed: 1 }) })).toBe('notOk');
    expect(needOf({ state: 'succeeded', counts: counts() })).toBeNull();
    expect(needOf({ state: 'aborted', counts: counts() })).toBeNull();
  });

  it('comes up again with another attempt, not with the one that was dismissed', () => {
    const failed = run('a', 'failed');
    const dismissed = new Set([needKey(failed, 'notOk')]);
    expect(inboxOf([failed], since, dismissed)).toEqual([]);
    expect(inboxOf([{ ...failed, attempt: 2 }], since, dismissed)).toHaveLength(1);
  });

  it('is nothing that ended before, but what still waits is shown however old', () => {
    const old = '2026-01-01T01:00:00Z';
    const items = inboxOf([run('a', 'failed', old), run('b', 'paused', null)], since, new Set());
    expect(items.map(({ run: { id } }) => id)).toEqual(['b']);
  });
});
