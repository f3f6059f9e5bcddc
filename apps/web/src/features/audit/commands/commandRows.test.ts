import type { CommandEvent } from '@omanager/contract';
import { expect, it } from 'vitest';
import { aroundOf, coverageOf, filterOf, noQuery, readQuery, writeQuery } from './commandQuery.ts';
import { joined, lastStored, silenceOf } from './commandRows.ts';

const event = (id: string, second: number, more: Partial<CommandEvent> = {}): CommandEvent => ({
  ...{ id, at: new Date(second * 1000).toISOString(), receivedAt: '', hostId: 'h', hostName: 'web', kind: 'command' },
  ...{ uid: 0, user: '', claimedUser: '', loginUser: '', tty: '', session: '', number: null, source: '' },
  ...{ directory: '', exit: 0, via: 'bash', text: '', runId: null, terminalId: null, outside: true, signed: true },
  ...{ marks: [], claimedAt: null, address: '10.0.0.1' },
  ...more,
});
const ids = (events: readonly CommandEvent[]) => events.map(({ id }) => id).join('');

it('puts what came live where its time says, once, and never behind the end of a list that goes on', () => {
  const listed = [event('d', 40), event('b', 20)];
  const live = [event('e', 30), event('d', 40), event('f', 10), event('g', 50)];
  expect(ids(joined(listed, live, { hasMore: true }))).toBe('gdeb');
  expect(ids(joined(listed, live, { hasMore: false }))).toBe('gdebf');
  expect(ids(joined(listed, live, { hasMore: false, from: event('', 25).at }))).toBe('gdeb');
  expect(lastStored([event('b', 9), event('c', 1)])).toBe('c');
});

it('reads from when to when nothing came, and nothing out of other words', () => {
  const until = event('', 100).at;
  const since = event('', 40).at;
  expect(silenceOf(event('', 100, { kind: 'resumed', text: 'after 60 s' }))).toEqual({ since, until });
  expect(silenceOf(event('', 100, { kind: 'silence', text: `nothing since ${since}` }))).toEqual({
    since,
    until: null,
  });
  expect(silenceOf(event('', 100, { kind: 'silence', text: 'nothing since never' }))).toBeNull();
  expect(silenceOf(event('', 100, { text: 'after 60 s' }))).toBeNull();
});

it('keeps of the address what is a filter, and asks for what is missing beside a filter that would hide it', () => {
  const text = 'host=web&q=rm+-rf&exit=failed&outside=yes&from=2026-01-02T03%3A04%3A05.000Z';
  const query = readQuery(new URLSearchParams(`${text}&run=1&to=tomorrow&x=y&signed=yes`));
  expect(writeQuery(query).toString()).toBe(text);
  const from = '2026-01-02T03:04:05.000Z';
  expect(filterOf(query)).toEqual({ host: 'web', text: 'rm -rf', exit: 'failed', outside: true, from });
  expect(coverageOf(query)).toMatchObject({ host: 'web', from });
  expect(coverageOf({ ...noQuery, host: 'web', from })).toBeNull();
});

it('finds around an unsigned event by the address that is known of it', () => {
  expect(aroundOf(event('', 600, { hostId: null, hostName: '' }))).toMatchObject({
    host: '10.0.0.1',
    from: event('', 300).at,
    to: event('', 900).at,
  });
});
