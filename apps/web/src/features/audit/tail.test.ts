import type { ActionEvent } from '@omanager/contract';
import { expect, it } from 'vitest';
import { arrived, emptyTail, hostOf, joined, mostLive, paused, resumed, runOf } from './tail.ts';

const event = (id: string, object: string | null = null): ActionEvent => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  actorKind: 'user',
  actorId: null,
  actorName: 'liu',
  deviceId: null,
  address: '',
  action: 'runs.start',
  object,
  outcome: 'done',
  code: null,
  details: {},
});
const ids = (events: readonly ActionEvent[]) => events.map(({ id }) => id).join('');

it('shows what comes, newest first', () => {
  const tail = arrived(arrived(emptyTail, [event('a'), event('b')]), [event('c')]);
  expect(ids(tail.shown)).toBe('cba');
});

it('holds back what comes while paused, and shows it when resumed', () => {
  const held = arrived(paused(arrived(emptyTail, [event('a')])), [event('b'), event('c')]);
  expect([ids(held.shown), ids(held.waiting)]).toEqual(['a', 'cb']);
  expect(ids(resumed(held).shown)).toBe('cba');
});

it('keeps a bounded number, and says when there were more', () => {
  const many = Array.from({ length: mostLive + 1 }, (_, i) => event(String(i)));
  const held = arrived(paused(emptyTail), many);
  expect([held.waiting.length, held.overrun]).toEqual([mostLive, true]);
});

it('passes over what comes again', () => {
  const tail = arrived(arrived(emptyTail, [event('a'), event('b')]), [event('b'), event('c')]);
  expect(ids(tail.shown)).toBe('cba');
});

it('puts an event that was committed late where it belongs', () => {
  expect(ids(joined([event('b'), event('d')], [event('c'), event('a')]))).toBe('dcba');
});

it('lists each event once, where live and list tell the same', () => {
  expect(ids(joined([event('c'), event('b'), event('b')], [event('b'), event('a')]))).toBe('cba');
});

it('finds the run of an event', () => {
  const id = '01980000-0000-7000-8000-000000000000';
  expect([runOf(event('a', `run ${id}`)), runOf(event('a', 'user:liu'))]).toEqual([id, null]);
});

it('finds the server of an event', () => {
  expect(hostOf({ ...event('a', 'web-1'), action: 'hosts.add' })).toBe('web-1');
  expect(hostOf(event('a', 'web-1'))).toBeNull();
});
