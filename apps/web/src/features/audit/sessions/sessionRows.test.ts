import type { Recording } from '@omanager/contract';
import { expect, it } from 'vitest';
import { joinRecordings, mostLive, withRecordings } from './sessionRows.ts';

const at = '2026-01-01T00:00:00.000Z';
const recording = (id: string, more: Partial<Recording> = {}): Recording => ({
  ...{ id, host: 'web-01', address: '10.0.0.1', login: 'ops', userName: 'ada', from: '::1', startedAt: at },
  ...{ endedAt: null, state: 'open', end: null, message: null, cols: 80, rows: 24, bytes: 0, commands: 0 },
  ...{ input: false, sha256: null },
  ...more,
});
const over = { endedAt: at, state: 'ended', end: 'exited' } as const;
const live = (...recordings: Recording[]) => withRecordings(new Map(), recordings);

it('what began is at the top, what is known is as it is now, what lies beyond the list is left to it', () => {
  const listed = [recording('c', { bytes: 10 }), recording('b')];
  const news = live(recording('d'), recording('c', { bytes: 20 }), recording('b', over), recording('a'));
  const rows = (hasMore: boolean) =>
    joinRecordings(listed, news, hasMore).map(({ id, bytes, end }) => [id, bytes, end]);
  expect(rows(true)).toEqual([
    ['d', 0, null],
    ['c', 20, null],
    ['b', 0, 'exited'],
  ]);
  expect(rows(false).at(-1)).toEqual(['a', 0, null]);
});

it('an answer that is newer than the stream stays', () => {
  const listed = [recording('c', { ...over, bytes: 30 }), recording('b', { bytes: 30 })];
  const rows = joinRecordings(listed, live(recording('c', { bytes: 20 }), recording('b', { bytes: 20 })), true);
  expect(rows).toEqual(listed);
});

it('keeps the newest of very many', () => {
  const many = Array.from({ length: mostLive + 5 }, (_, i) => recording(String(i)));
  const kept = live(...many);
  expect([kept.size, kept.has('4'), kept.has('5')]).toEqual([mostLive, false, true]);
});
