import { expect, test } from 'vitest';
import { createSession } from './session.ts';
import { codeOf, connected, expectDeath, makePair } from './testing/connect.ts';
import { bytes, concat, filled, forgeMessage } from './testing/forge.ts';
import { tweetnaclPrimitives } from './tweetnaclPrimitives.ts';

/** Both directions of a fresh connection, as [sender, receiver]. */
const directions = ['client to server', 'server to client'] as const;
function open(direction: (typeof directions)[number], options: { maxPayload?: number } = {}) {
  const { client, server } = connected(options, options);
  return direction === 'client to server' ? ([client, server] as const) : ([server, client] as const);
}

test.each(directions)('%s: a replayed, deleted, reordered or reflected MESSAGE ends the connection', (direction) => {
  {
    const [sender, receiver] = open(direction);
    const first = sender.seal(bytes('one'));
    expect(receiver.receive(first)).toEqual({ messages: [bytes('one')] });
    expectDeath(receiver, first, 'bad_counter');
  }
  {
    const [sender, receiver] = open(direction);
    sender.seal(bytes('deleted on its way'));
    expectDeath(receiver, sender.seal(bytes('two')), 'bad_counter');
  }
  {
    const [sender, receiver] = open(direction);
    const messages = ['one', 'two', 'three'].map((text) => sender.seal(bytes(text)));
    expectDeath(receiver, messages[1] ?? new Uint8Array(0), 'bad_counter');
  }
  {
    const [sender] = open(direction);
    expectDeath(sender, sender.seal(bytes('to whom')));
  }
});

test.each(directions)('%s: a MESSAGE that was cut or grew ends the connection', (direction) => {
  for (const change of [-33, -1, 1]) {
    const [sender, receiver] = open(direction);
    const message = sender.seal(bytes('whole'));
    const changed = change > 0 ? concat(message, bytes('x')) : message.subarray(0, change);
    expectDeath(receiver, changed);
  }
});

test.each(directions)('%s: payloads up to maxPayload pass, one byte more is refused at both ends', (direction) => {
  const [sender, receiver] = open(direction, { maxPayload: 2000 });
  expect(codeOf(() => sender.seal(filled(2001, 1)))).toBe('too_large');
  expect(receiver.receive(sender.seal(filled(2000, 1)))).toEqual({ messages: [filled(2000, 1)] });
  expectDeath(receiver, concat(bytes('\x07MESSAGE'), new Uint8Array(2000 + 33 - 8 + 1)), 'too_large');
});

test('the commands of one connection mean nothing on another one of the same client and server', () => {
  const one = connected();
  const other = connected();
  expectDeath(other.server, one.client.seal(bytes('x')), 'bad_box');
  expectDeath(other.client, one.server.seal(bytes('x')), 'bad_box');
});

/** One direction of a session, from a given counter on. */
const key = filled(32, 5);
function sessionAt(counter: number) {
  const position = { prefix: bytes('CurveZMQMESSAGEC'), counter };
  const end = { crypto: tweetnaclPrimitives, key, sending: position, receiving: position, maxPayload: 100 };
  return createSession(end);
}

test('a MESSAGE cut at any length does not open, and the counter waits for the whole one', () => {
  const [sender, receiver] = [sessionAt(2), sessionAt(2)];
  const message = sender.seal(bytes('whole'));
  for (let length = 0; length < message.length; length += 1) {
    expect(codeOf(() => receiver.open(message.subarray(0, length)))).toBe(length < 33 ? 'bad_size' : 'bad_box');
  }
  expect(receiver.open(message)).toEqual(bytes('whole'));
});

test('a peer that sets a flag is refused', () => {
  for (const flags of [1, 2, 4, 0x80, 0xff]) {
    expect(codeOf(() => sessionAt(1).open(forgeMessage({ key, from: 'C', count: 2, flags })))).toBe('bad_flags');
  }
});

test.each([250, 65_530, 2 ** 32 - 6])('counters carry past every byte border (from %d)', (counter) => {
  const [sender, receiver] = [sessionAt(counter), sessionAt(counter)];
  for (let index = 1; index <= 20; index += 1) {
    const message = sender.seal(bytes(`${index}`));
    expect(message).toEqual(forgeMessage({ key, from: 'C', count: counter + index, payload: bytes(`${index}`) }));
    expect(receiver.open(message)).toEqual(bytes(`${index}`));
  }
});

test('the last counter is never passed, as a second use would give the plaintexts away', () => {
  const session = sessionAt(Number.MAX_SAFE_INTEGER - 1);
  expect(session.open(session.seal(bytes('last')))).toEqual(bytes('last'));
  expect(codeOf(() => session.seal(bytes('one too many')))).toBe('exhausted');
  expect(codeOf(() => session.open(forgeMessage({ key, from: 'C', count: 2 ** 53 })))).toBe('bad_counter');
});

test('66,000 messages in a row on one connection, each way', () => {
  const { client, server } = connected();
  const payload = Uint8Array.of(42);
  let delivered = 0;
  for (let index = 0; index < 66_000; index += 1) {
    const [sender, receiver] = index % 50 === 0 ? [server, client] : [client, server];
    const answer = receiver.receive(sender.seal(payload));
    if (!(answer instanceof Promise) && answer.messages?.[0]?.[0] === 42) delivered += 1;
  }
  expect(delivered).toBe(66_000);
});

test('one bit flipped in any byte of any command ends the connection', () => {
  const flipped = (command: Uint8Array, at: number): Uint8Array => {
    const copy = command.slice();
    copy[at] = (copy[at] ?? 0) ^ (1 << ((at * 5) % 8));
    return copy;
  };
  const eachByte = (length: number, refuse: (at: number) => void) => {
    for (let at = 0; at < length; at += 1) refuse(at);
  };
  const metadata = { app: 'om' };
  eachByte(200, (at) => {
    const pair = makePair();
    expectDeath(pair.server, flipped(pair.hello(), at));
  });
  eachByte(168, (at) => {
    const pair = makePair();
    expectDeath(pair.client, flipped(pair.welcome(), at));
  });
  const initiateLength = makePair({}, { metadata }).initiate().length;
  expect(initiateLength).toBe(257 + 10);
  eachByte(initiateLength, (at) => {
    const pair = makePair({ authorize: () => expect.unreachable() }, { metadata });
    expectDeath(pair.server, flipped(pair.initiate(), at));
  });
  eachByte(30 + 10, (at) => {
    const pair = makePair({ metadata });
    expectDeath(pair.client, flipped(pair.ready(), at));
    expect(pair.client.peer).toBeUndefined();
  });
  eachByte(33 + 5, (at) => {
    const { client, server } = connected();
    expectDeath(server, flipped(client.seal(bytes('hello')), at));
  });
  eachByte(33 + 5, (at) => {
    const { client, server } = connected();
    expectDeath(client, flipped(server.seal(bytes('hello')), at));
  });
  eachByte(10, (at) => {
    const pair = makePair();
    pair.hello();
    expectDeath(pair.client, flipped(bytes('\x05ERROR\x03400'), at));
  });
});
