import { expect, test } from 'vitest';
import { ChannelError, createClient, createServer, generateKeyPair, type Metadata } from './index.ts';
import { clientKeys, codeOf, connected, expectDeath, makePair, now, sent, serverKeys } from './testing/connect.ts';
import { bytes, filled } from './testing/forge.ts';

test('a handshake makes both ends ready, each knowing the other, and messages pass both ways', () => {
  const asked: [Uint8Array, Metadata][] = [];
  const authorize = (key: Uint8Array, metadata: Metadata) => asked.push([key, metadata]) > 0;
  const pair = makePair(
    { authorize, metadata: { version: '1' } },
    { metadata: { 'Socket-Type': 'DEALER', who: '张三' } },
  );
  expect(pair.server.start()).toBeNull();
  expect(pair.server.peer).toBeUndefined();
  const initiate = pair.initiate();
  const answer = pair.server.receive(initiate);
  expect(answer).toMatchObject({ ready: true });
  expect(pair.client.peer).toBeUndefined();
  expect(pair.client.receive(sent(now(answer)))).toEqual({ ready: true });

  expect(asked).toEqual([[clientKeys.publicKey, { 'Socket-Type': 'DEALER', who: '张三' }]]);
  expect(pair.server.peer).toEqual({
    publicKey: clientKeys.publicKey,
    metadata: { 'Socket-Type': 'DEALER', who: '张三' },
  });
  expect(pair.client.peer).toEqual({ publicKey: serverKeys.publicKey, metadata: { version: '1' } });
  for (const payload of [new Uint8Array(0), bytes('a'), filled(70_000, 7)]) {
    expect(pair.server.receive(pair.client.seal(payload))).toEqual({ messages: [payload] });
    expect(pair.client.receive(pair.server.seal(payload))).toEqual({ messages: [payload] });
  }
});

test('the sizes on the wire are those of the RFC', () => {
  const pair = makePair();
  const hello = pair.hello();
  const welcome = pair.welcome(hello);
  const initiate = pair.initiate(welcome);
  const ready = pair.ready(initiate);
  expect([hello, welcome, initiate, ready].map((command) => command.length)).toEqual([200, 168, 257, 30]);
  pair.client.receive(ready);
  expect(pair.client.seal(filled(10, 1))).toHaveLength(43);
});

test('authorize may take its time, and nothing is ready before it says yes', async () => {
  let decide: (allowed: boolean) => void = () => undefined;
  const pair = makePair({ authorize: () => new Promise((resolve) => (decide = resolve)) });
  const answer = pair.server.receive(pair.initiate());
  expect(answer).toBeInstanceOf(Promise);
  expect(pair.server.peer).toBeUndefined();
  expect(codeOf(() => pair.server.seal(bytes('early')))).toBe('wrong_state');
  decide(true);
  const received = await answer;
  expect(received.ready).toBe(true);
  expect(pair.client.receive(sent(received))).toEqual({ ready: true });
  expect(pair.server.receive(pair.client.seal(bytes('hi')))).toEqual({ messages: [bytes('hi')] });
});

test.each([false, Promise.resolve(false)])(
  'a refused client gets ERROR "400" and a dead server object',
  async (answer) => {
    const pair = makePair({ authorize: () => answer });
    const initiate = pair.initiate();
    const error: unknown = await (async () => pair.server.receive(initiate))().catch((reason: unknown) => reason);
    if (!(error instanceof ChannelError)) throw new Error('expected a ChannelError');
    expect(error.code).toBe('refused');
    expect(error.reply).toEqual(bytes('\x05ERROR\x03400'));
    expect(codeOf(() => pair.server.receive(initiate))).toBe('dead');
    expect(pair.server.peer).toBeUndefined();

    try {
      pair.client.receive(error.reply ?? new Uint8Array(0));
      expect.unreachable();
    } catch (refusal) {
      expect(refusal).toMatchObject({ code: 'peer_error', reason: '400' });
    }
  },
);

test('only `true` lets a client in', () => {
  // @ts-expect-error what a careless caller may return from untyped code
  const pair = makePair({ authorize: () => 'yes' });
  expectDeath(pair.server, pair.initiate(), 'refused');
});

test('whatever authorize does to its arguments, the channel knows better', () => {
  const pair = makePair(
    { authorize: (key, metadata) => key.fill(0) && Reflect.set(metadata, 'who', 'root') },
    { metadata: { who: 'om' } },
  );
  pair.ready();
  expect(pair.server.peer).toEqual({ publicKey: clientKeys.publicKey, metadata: { who: 'om' } });
});

test('an authorize that throws or rejects refuses with ERROR "500" and keeps the cause', async () => {
  const cause = new Error('database away');
  const throwing = makePair({
    authorize: () => {
      throw cause;
    },
  });
  expectDeath(throwing.server, throwing.initiate(), 'authorize_failed');
  const rejecting = makePair({ authorize: () => Promise.reject(cause) });
  await expect(rejecting.server.receive(rejecting.initiate())).rejects.toMatchObject({
    code: 'authorize_failed',
    reply: bytes('\x05ERROR\x03500'),
    cause,
  });
});

test('a command that comes before the last one was decided ends the channel, also for the one that waited', async () => {
  const pair = makePair({ authorize: () => Promise.resolve(true) });
  const initiate = pair.initiate();
  const answer = pair.server.receive(initiate);
  expect(codeOf(() => pair.server.receive(initiate))).toBe('wrong_state');
  await expect(answer).rejects.toMatchObject({ code: 'dead' });
  expect(pair.server.peer).toBeUndefined();
});

test('close during the decision: the answer never makes the channel ready', async () => {
  const pair = makePair({ authorize: () => Promise.resolve(true) });
  const answer = pair.server.receive(pair.initiate());
  pair.server.close();
  await expect(answer).rejects.toMatchObject({ code: 'dead' });
  expect(codeOf(() => pair.server.seal(bytes('x')))).toBe('dead');
});

test('neither end gets anywhere with a server key that is not the expected one, nor with a WELCOME made for another client', () => {
  const pair = makePair({ serverKeyPair: generateKeyPair() });
  expectDeath(pair.server, pair.hello(), 'bad_box');

  const impostor = makePair({
    serverKeyPair: { publicKey: serverKeys.publicKey, secretKey: generateKeyPair().secretKey },
  });
  expectDeath(impostor.server, impostor.hello(), 'bad_box');

  const mine = makePair();
  mine.hello();
  expectDeath(mine.client, makePair().welcome(), 'bad_box');
});

test('a cookie from another connection is refused', () => {
  const one = makePair();
  const other = makePair();
  other.welcome();
  expectDeath(other.server, one.initiate(), 'bad_cookie');
});

test('a recorded HELLO, INITIATE and MESSAGE deliver nothing on a new connection', () => {
  const asked: Uint8Array[] = [];
  const authorize = (key: Uint8Array) => asked.push(key) > 0;
  const recorded = makePair({ authorize });
  const hello = recorded.hello();
  const initiate = recorded.initiate(recorded.welcome(hello));
  recorded.client.receive(recorded.ready(initiate));
  const message = recorded.client.seal(bytes('rm'));
  expect(recorded.server.receive(message)).toEqual({ messages: [bytes('rm')] });
  expect(asked).toHaveLength(1);

  const replayed = createServer({ serverKeyPair: serverKeys, authorize });
  replayed.receive(hello);
  expect(codeOf(() => replayed.receive(initiate))).toBe('bad_cookie');
  expect(codeOf(() => replayed.receive(message))).toBe('dead');
  expect(asked).toHaveLength(1);
});

test('close ends everything, may be repeated, and leaves the long-term keys of the caller alone', () => {
  const before = [clientKeys, serverKeys].map((keys) => keys.secretKey.slice());
  const { client, server } = connected();
  const message = client.seal(bytes('late'));
  for (const channel of [client, server]) {
    channel.close();
    channel.close();
    expect(codeOf(() => channel.receive(message))).toBe('dead');
    expect(codeOf(() => channel.seal(bytes('x')))).toBe('dead');
    expect(codeOf(() => channel.start())).toBe('dead');
    expect(channel.peer).toBeDefined();
  }
  expect([clientKeys, serverKeys].map((keys) => keys.secretKey)).toEqual(before);
});

test('sealing before ready throws and does no harm', () => {
  const pair = makePair();
  const premature = () => [pair.client, pair.server].map((channel) => codeOf(() => channel.seal(bytes('x'))));
  expect(premature()).toEqual(['wrong_state', 'wrong_state']);
  const hello = pair.hello();
  const welcome = pair.welcome(hello);
  expect(premature()).toEqual(['wrong_state', 'wrong_state']);
  expect(pair.client.receive(pair.ready(pair.initiate(welcome)))).toEqual({ ready: true });
});

test('a client starts once', () => {
  const pair = makePair();
  pair.hello();
  expect(codeOf(() => pair.client.start())).toBe('wrong_state');
});

test('unusable options are refused before anything is sent', () => {
  const keys = { serverPublicKey: serverKeys.publicKey, clientKeyPair: clientKeys };
  const short = filled(31, 1);
  const cases: (() => unknown)[] = [
    () => createClient({ ...keys, serverPublicKey: short }),
    () => createClient({ ...keys, serverPublicKey: filled(32, 0xff) }),
    () => createClient({ ...keys, clientKeyPair: { ...clientKeys, secretKey: short } }),
    () => createServer({ serverKeyPair: { ...serverKeys, publicKey: short }, authorize: () => true }),
    () => createClient({ ...keys, serverPublicKey: new Uint8Array(32) }).start(),
  ];
  expect(cases.map(codeOf)).toEqual(cases.map(() => 'bad_key'));
  expect(codeOf(() => createClient({ ...keys, maxPayload: -1 }))).toBe('bad_input');
  expect(codeOf(() => createClient({ ...keys, metadata: { 'no space': '' } }))).toBe('bad_metadata');
  expect(codeOf(() => createClient({ ...keys, metadata: { big: 'x'.repeat(1024) } }))).toBe('bad_metadata');
});

test('metadata may fill its kibibyte exactly', () => {
  const value = (frame: number) => ({ x: 'v'.repeat(1024 - frame - 6) });
  const { client, server } = connected({ metadata: value(30) }, { metadata: value(257) });
  expect(client.peer?.metadata).toEqual(value(30));
  expect(server.peer?.metadata).toEqual(value(257));
});

test('something that is not bytes is refused like any other violation', () => {
  const pair = makePair();
  // @ts-expect-error a text frame that an adapter passed on
  expect(codeOf(() => pair.server.receive('HELLO'))).toBe('bad_input');
  expect(codeOf(() => pair.server.receive(pair.hello()))).toBe('dead');
});
