import nacl from 'tweetnacl';
import { expect, test } from 'vitest';
import { createClient } from './index.ts';
import { clientKeys, codeOf, expectDeath, sent, serverKeys } from './testing/connect.ts';
import {
  bytes,
  concat,
  filled,
  forgeMessage,
  forgeReady,
  forgeWelcome,
  lowOrderKeys,
  pair,
  withTopBit,
} from './testing/forge.ts';

const transient = pair(filled(32, 0x55));

/** A client that has sent HELLO, and the keys that the true server would have. */
function greeted() {
  const client = createClient({ serverPublicKey: serverKeys.publicKey, clientKeyPair: clientKeys });
  const hello = client.start() ?? new Uint8Array(0);
  const clientTransient = hello.slice(80, 112);
  return {
    client,
    helloKey: nacl.box.before(clientTransient, serverKeys.secretKey),
    key: nacl.box.before(clientTransient, transient.secretKey),
  };
}

function initiated() {
  const { client, helloKey, key } = greeted();
  const initiate = sent(client.receive(forgeWelcome({ key: helloKey, serverTransient: transient.publicKey })));
  return { client, key, initiate };
}

test('the handmade server is believed when every field is right', () => {
  const { client, key, initiate } = initiated();
  expect(initiate.subarray(9, 105)).toEqual(filled(96, 0x77));
  expect(client.receive(forgeReady({ key, metadata: bytes('\x01x\0\0\0\x02hi') }))).toEqual({ ready: true });
  expect(client.peer).toEqual({ publicKey: serverKeys.publicKey, metadata: { x: 'hi' } });
  expect(client.receive(forgeMessage({ key, from: 'S', count: 2 }))).toEqual({ messages: [bytes('forged')] });
});

test('a low-order or aliased key in WELCOME ends the connection with a typed error, never the process', () => {
  for (const key of [...lowOrderKeys, ...lowOrderKeys.map(withTopBit), withTopBit(transient.publicKey)]) {
    const { client, helloKey } = greeted();
    expectDeath(client, forgeWelcome({ key: helloKey, serverTransient: key }), 'bad_key');
  }
});

test('WELCOME is refused when anything is wrong with it', () => {
  const good = (helloKey: Uint8Array) => forgeWelcome({ key: helloKey, serverTransient: transient.publicKey });
  const wrongKey = greeted();
  expectDeath(wrongKey.client, good(filled(32, 9)), 'bad_box');
  const short = greeted();
  expectDeath(short.client, good(short.helloKey).subarray(0, 167), 'bad_size');
  const long = greeted();
  expectDeath(long.client, concat(good(long.helloKey), bytes('x')), 'bad_size');
  const before = createClient({ serverPublicKey: serverKeys.publicKey, clientKeyPair: clientKeys });
  expectDeath(before, good(wrongKey.helloKey), 'wrong_state');
});

test('a second WELCOME is refused, so that a transient key vouches once', () => {
  const { client, helloKey } = greeted();
  const welcome = forgeWelcome({ key: helloKey, serverTransient: transient.publicKey });
  sent(client.receive(welcome));
  expectDeath(client, welcome, 'wrong_state');
});

test('READY is refused when anything is wrong with it', () => {
  const refuse = (code: Parameters<typeof expectDeath>[2], change: object, cut?: number) => {
    const { client, key } = initiated();
    expectDeath(client, forgeReady({ key, ...change }).subarray(0, cut), code);
    expect(client.peer).toBeUndefined();
  };
  refuse('bad_counter', { count: 0 });
  refuse('bad_counter', { count: 2 });
  refuse('bad_box', { key: filled(32, 9) });
  refuse('bad_metadata', { metadata: bytes('\x01x\0\0\0\x02h') });
  refuse('bad_size', {}, 29);
  refuse('too_large', { metadata: new Uint8Array(995) });
});

test('ERROR is understood only while an answer is awaited, and its text only if it is plain', () => {
  const error = bytes('\x05ERROR\x05no \x7e!');
  for (const client of [greeted().client, initiated().client]) {
    try {
      client.receive(error);
      expect.unreachable();
    } catch (refusal) {
      expect(refusal).toMatchObject({ code: 'peer_error', reason: 'no ~!' });
    }
    expect(codeOf(() => client.receive(error))).toBe('dead');
  }
  expectDeath(greeted().client, bytes('\x05ERROR\x05no'), 'bad_size');
  expectDeath(greeted().client, bytes('\x05ERROR\x01no'), 'bad_size');
  expectDeath(greeted().client, bytes('\x05ERROR'), 'bad_size');
  for (const text of ['\x1b[2J', '\r\n\r\n', '\xe9\xe9\xe9\xe9']) {
    expectDeath(greeted().client, bytes(`\x05ERROR\x04${text}`), 'bad_error');
  }
  const { client, key } = initiated();
  client.receive(forgeReady({ key }));
  expectDeath(client, error, 'wrong_state');
});

test('a client takes no command that only clients send, and no MESSAGE before READY', () => {
  for (const name of ['\x05HELLO', '\x08INITIATE', '\x07MESSAGE', '\x05READY']) {
    expectDeath(greeted().client, concat(bytes(name), new Uint8Array(300)), 'wrong_state');
  }
  const { client, key } = initiated();
  expectDeath(client, forgeMessage({ key, from: 'S', count: 1 }), 'wrong_state');
});
