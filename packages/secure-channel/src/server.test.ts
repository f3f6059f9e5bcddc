import nacl from 'tweetnacl';
import { expect, test } from 'vitest';
import { createServer, type ServerOptions } from './index.ts';
import { clientKeys, codeOf, expectDeath, now, sent, serverKeys } from './testing/connect.ts';
import {
  bytes,
  concat,
  filled,
  forgeHello,
  forgeInitiate,
  forgeMessage,
  forgeVouch,
  lowOrderKeys,
  noSecret,
  pair,
  unhex,
  withTopBit,
} from './testing/forge.ts';

const transient = pair(filled(32, 0x33));
const helloKey = nacl.box.before(serverKeys.publicKey, transient.secretKey);
const hello = forgeHello({ key: helloKey, clientTransient: transient.publicKey });

const newServer = (options: Partial<ServerOptions> = {}) =>
  createServer({ serverKeyPair: serverKeys, authorize: () => true, ...options });

/** A server that has answered HELLO, and what a client learns from its WELCOME. */
function welcomed(options: Partial<ServerOptions> = {}) {
  const server = newServer(options);
  const welcome = sent(now(server.receive(hello)));
  const opened = nacl.secretbox.open(
    welcome.subarray(24),
    concat(bytes('WELCOME-'), welcome.subarray(8, 24)),
    helloKey,
  );
  if (!opened) throw new Error('WELCOME does not open');
  const serverTransient = opened.slice(0, 32);
  const key = nacl.box.before(serverTransient, transient.secretKey);
  const vouch = (
    client: Uint8Array,
    vouchKey: Uint8Array,
    server = serverKeys.publicKey,
    own = transient.publicKey,
  ) => ({
    client,
    vouch: forgeVouch({ key: vouchKey, clientTransient: own, server }),
  });
  const vouchKey = nacl.box.before(serverTransient, clientKeys.secretKey);
  const good = { key, cookie: opened.slice(32), ...vouch(clientKeys.publicKey, vouchKey) };
  return { server, key, vouch, vouchKey, good };
}

test('the handmade client is let in when every field is right', () => {
  const { server, good, key } = welcomed();
  expect(now(server.receive(forgeInitiate(good))).ready).toBe(true);
  expect(server.receive(forgeMessage({ key, from: 'C', count: 3 }))).toEqual({ messages: [bytes('forged')] });
});

test('HELLO is refused for every field that is wrong', () => {
  const good = { key: helloKey, clientTransient: transient.publicKey };
  expectDeath(newServer(), concat(hello, bytes('x')), 'bad_size');
  expectDeath(newServer(), hello.subarray(0, 199), 'bad_size');
  expectDeath(newServer(), new Uint8Array(0), 'bad_name');
  expectDeath(newServer(), bytes('HELLO'), 'bad_name');
  expectDeath(newServer(), forgeHello({ ...good, version: [2, 0] }), 'bad_version');
  expectDeath(newServer(), forgeHello({ ...good, version: [1, 1] }), 'bad_version');
  for (const at of [0, 71]) {
    expectDeath(newServer(), forgeHello({ ...good, padding: new Uint8Array(72).fill(1, at, at + 1) }), 'bad_padding');
  }
  expectDeath(newServer(), forgeHello({ ...good, contents: filled(64, 1) }), 'bad_padding');
  for (const count of [0, 2, 2 ** 53]) expectDeath(newServer(), forgeHello({ ...good, count }), 'bad_counter');
  expectDeath(newServer(), forgeHello({ ...good, key: filled(32, 9) }), 'bad_box');
  expectDeath(newServer(), concat(hello, new Uint8Array(2000)), 'too_large');
});

test('low-order keys, and second spellings of a key, are refused in HELLO', () => {
  for (const low of lowOrderKeys) {
    expectDeath(newServer(), forgeHello({ key: noSecret, clientTransient: low }), 'bad_key');
    expectDeath(newServer(), forgeHello({ key: noSecret, clientTransient: withTopBit(low) }), 'bad_key');
  }
  expectDeath(newServer(), forgeHello({ key: helloKey, clientTransient: withTopBit(transient.publicKey) }), 'bad_key');
});

test('low-order keys, and second spellings of a key, are refused in INITIATE, before authorize', () => {
  const refuse = (client: Uint8Array, key: (welcome: ReturnType<typeof welcomed>) => Uint8Array) => {
    const setup = welcomed({ authorize: () => expect.unreachable() });
    expectDeath(setup.server, forgeInitiate({ ...setup.good, ...setup.vouch(client, key(setup)) }), 'bad_key');
  };
  for (const low of lowOrderKeys) refuse(low, () => noSecret);
  refuse(withTopBit(clientKeys.publicKey), ({ vouchKey }) => vouchKey);
  refuse(unhex(`f6${'ff'.repeat(30)}7f`), ({ vouchKey }) => vouchKey); // p + 9, an alias of the base point
});

test('INITIATE is refused for every field that is wrong, before authorize', () => {
  type Setup = ReturnType<typeof welcomed>;
  const refuse = (code: Parameters<typeof expectDeath>[2], change: (setup: Setup) => object) => {
    const setup = welcomed({ authorize: () => expect.unreachable() });
    expectDeath(setup.server, forgeInitiate({ ...setup.good, ...change(setup) }), code);
  };
  const stranger = pair(filled(32, 0x44));
  refuse('bad_counter', () => ({ count: 1 }));
  refuse('bad_counter', () => ({ count: 3 }));
  refuse('bad_cookie', ({ good }) => ({ cookie: good.cookie.toReversed() }));
  refuse('bad_cookie', () => ({ cookie: welcomed().good.cookie }));
  refuse('bad_box', () => ({ key: filled(32, 9) }));
  refuse('bad_vouch', () => ({ client: stranger.publicKey }));
  refuse('bad_vouch', ({ vouch, vouchKey }) => vouch(clientKeys.publicKey, vouchKey, stranger.publicKey));
  refuse('bad_vouch', ({ vouch, vouchKey }) =>
    vouch(clientKeys.publicKey, vouchKey, serverKeys.publicKey, stranger.publicKey),
  );
  refuse('bad_vouch', ({ key, vouch }) => vouch(clientKeys.publicKey, key));
  // A vouch for the server's long-term key instead of its transient one, as drafts before the RFC had it.
  refuse('bad_vouch', ({ vouch }) =>
    vouch(clientKeys.publicKey, nacl.box.before(serverKeys.publicKey, clientKeys.secretKey)),
  );
  for (const metadata of ['x', '\x01', '\x01x\0\0\0', '\x01x\0\0\0\x02y', '\0\0\0\0\0', '\x01x\xff\xff\xff\xff']) {
    refuse('bad_metadata', () => ({ metadata: bytes(metadata) }));
  }
  const { server, good } = welcomed();
  expectDeath(server, forgeInitiate(good).subarray(0, 256), 'bad_size');
  const large = welcomed();
  expectDeath(large.server, forgeInitiate({ ...large.good, metadata: new Uint8Array(768) }), 'too_large');
});

test('one cookie, one try', () => {
  const { server, good } = welcomed();
  expectDeath(server, forgeInitiate({ ...good, key: filled(32, 9) }), 'bad_box');
  expect(codeOf(() => server.receive(forgeInitiate(good)))).toBe('dead');
});

test('every command in a state that does not expect it ends the connection', () => {
  const all = ['\x05HELLO', '\x07WELCOME', '\x08INITIATE', '\x05READY', '\x07MESSAGE', '\x05ERROR\x03400'].map((name) =>
    concat(bytes(name), filled(300, 0)),
  );
  const unexpected = (expected: string[]) => all.filter((command) => !expected.includes(String(command[1])));
  const code = (letter: string) => String(letter.charCodeAt(0));
  for (const command of unexpected([code('H')])) expectDeath(newServer(), command, 'wrong_state');
  for (const command of unexpected([code('I')])) expectDeath(welcomed().server, command, 'wrong_state');
  for (const command of unexpected([code('M')])) {
    const { server, good } = welcomed();
    server.receive(forgeInitiate(good));
    expectDeath(server, command, 'wrong_state');
  }
});
