import type { Alert } from '@omanager/contract';
import { expect, it } from 'vitest';
import { joinAlerts, noAlertQuery, withLive } from './alertRows.ts';

const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  ...{ id, ruleId: 'r', ruleName: 'rule', severity: 'warning', raisedAt: '2026-11-23T00:00:00.000Z' },
  ...{ hostId: 'h', hostName: 'web-01', user: 'ada', eventId: 'e', command: 'rm', count: 1, lastEventId: 'e' },
  ...{ lastAt: '2026-11-23T00:00:00.000Z', acknowledgedAt: null, acknowledgedBy: null, note: '', version: 1 },
  ...more,
});
const ids = (alerts: readonly Alert[]) => alerts.map(({ id }) => id);
const at = '2026-11-23T01:00:00.000Z';

it('shows the newest state of each, newest first', () => {
  const live = withLive(new Map(), [alert('c'), alert('b', { count: 3, version: 2 })]);
  const rows = joinAlerts([alert('b'), alert('a')], live, { query: noAlertQuery, hasMore: false });
  expect(ids(rows)).toEqual(['c', 'b', 'a']);
  expect(rows[1]?.count).toBe(3);
  expect(withLive(live, [alert('b', { version: 1 })]).get('b')?.count).toBe(3);
});

it('lets an acknowledged one go, unless all are shown', () => {
  const live = withLive(new Map(), [alert('a', { acknowledgedAt: at, version: 2 })]);
  expect(joinAlerts([alert('a')], live, { query: noAlertQuery, hasMore: false })).toEqual([]);
  expect(joinAlerts([alert('a')], live, { query: { ...noAlertQuery, all: true }, hasMore: false })).toHaveLength(1);
});

it('holds what comes against the filter, and leaves out what lies beyond the list', () => {
  const live = withLive(new Map(), [alert('d', { user: 'bo' }), alert('e', { severity: 'critical' }), alert('0')]);
  expect(ids(joinAlerts([alert('b')], live, { query: { ...noAlertQuery, user: 'ada' }, hasMore: true }))).toEqual([
    'e',
    'b',
  ]);
  expect(ids(joinAlerts([], live, { query: { ...noAlertQuery, severity: 'critical' }, hasMore: false }))).toEqual([
    'e',
  ]);
});

it('keeps a bounded number of them', () => {
  const many = Array.from({ length: 1500 }, (_, at) => alert(String(at).padStart(5, '0')));
  const kept = withLive(new Map(), many);
  expect(kept.size).toBe(1000);
  expect(kept.has('01499')).toBe(true);
});
