import nacl from 'tweetnacl';
import { expect, test } from 'vitest';
import {
  type ClientOptions,
  createClient,
  createServer,
  type KeyHolder,
  type KeyPair,
  type Primitives,
  sharedBoxKey,
  tweetnaclPrimitives,
} from './index.ts';
import { clientKeys, codeOf, now, sent, serverKeys } from './testing/connect.ts';
import { bytes, filled, pair } from './testing/forge.ts';
import { webCryptoHolder } from './testing/webCryptoHolder.ts';

const peer = pair(filled(32, 0x55));

/** Primitives whose random bytes are always the same, so that two handshakes can be compared byte by byte. */
const fixed: Primitives = { ...tweetnaclPrimitives, randomBytes: (length) => filled(length, length) };

/** A client that has got a genuine WELCOME, and the server that wrote it. */
function welcomed(clientKeyPair: KeyPair | KeyHolder, options: Partial<ClientOptions> = {}) {
  const { publicKey } = serverKeys;
  const client = createClient({ serverPublicKey: publicKey, crypto: fixed, ...options, clientKeyPair });
  const server = createServer({ serverKeyPair: serverKeys, authorize: () => true, crypto: fixed });
  const welcome = sent(now(server.receive(client.start() ?? new Uint8Array(0))));
  return { client, server, welcome };
}

const later = <T>() => {
  let settle: { resolve(value: T): void; reject(cause: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('a promise runs at once');
  return { promise, ...settle };
};

test('a key in WebCrypto, never to be taken out, makes the same bytes as the plain pair', async () => {
  const metadata = { app: 'web' };
  const plain = welcomed(clientKeys, { metadata });
  const held = welcomed(await webCryptoHolder(clientKeys), { metadata });
  expect(held.welcome).toEqual(plain.welcome);
  const initiate = sent(await held.client.receive(held.welcome));
  expect(initiate).toEqual(sent(now(plain.client.receive(plain.welcome))));

  const ready = sent(now(held.server.receive(initiate)));
  expect(held.server.peer?.publicKey).toEqual(clientKeys.publicKey);
  expect(await held.client.receive(ready)).toEqual({ ready: true });
  const message = held.client.seal(bytes('hello'));
  expect(await held.server.receive(message)).toEqual({ messages: [bytes('hello')] });
});

test('a holder that answers at once is answered at once', () => {
  const agree = (publicKey: Uint8Array) => nacl.box.before(publicKey, clientKeys.secretKey);
  const { client, welcome } = welcomed({ publicKey: clientKeys.publicKey, agree });
  const plain = welcomed(clientKeys);
  expect(client.receive(welcome)).toEqual(plain.client.receive(plain.welcome));
});

test('while the holder thinks, nothing else may come', async () => {
  const answer = later<Uint8Array>();
  const { client, welcome } = welcomed({ publicKey: clientKeys.publicKey, agree: () => answer.promise });
  const first = client.receive(welcome);
  expect(codeOf(() => client.receive(welcome))).toBe('wrong_state');
  answer.resolve(filled(32, 7));
  await expect(first).rejects.toMatchObject({ code: 'dead' });
});

test('a channel that is closed while the holder thinks keeps none of its answer', async () => {
  const answer = later<Uint8Array>();
  const { client, welcome } = welcomed({ publicKey: clientKeys.publicKey, agree: () => answer.promise });
  const first = client.receive(welcome);
  client.close();
  const shared = filled(32, 7);
  answer.resolve(shared);
  await expect(first).rejects.toMatchObject({ code: 'dead' });
  expect(shared).toEqual(new Uint8Array(32));
});

test('the shared key is wiped when the handshake is over', async () => {
  const shared = nacl.box.before(peer.publicKey, clientKeys.secretKey);
  const { client, welcome } = welcomed({ publicKey: clientKeys.publicKey, agree: async () => shared });
  await client.receive(welcome);
  client.close();
  expect(shared).toEqual(new Uint8Array(32));
});

test('a holder that fails, now or later, or answers nonsense ends the channel with bad_key', async () => {
  const { publicKey } = clientKeys;
  const fail = (): never => {
    throw new Error('the key is gone');
  };
  const held = (agree: KeyHolder['agree']) => {
    const { client, welcome } = welcomed({ publicKey, agree });
    return () => client.receive(welcome);
  };
  expect(codeOf(held(fail))).toBe('bad_key');
  expect(codeOf(held(() => filled(31, 1)))).toBe('bad_key');
  await expect(held(async () => fail())()).rejects.toMatchObject({ code: 'bad_key' });
  await expect(held(async () => filled(33, 1))()).rejects.toMatchObject({ code: 'bad_key' });
  expect(codeOf(() => welcomed({ publicKey: filled(31, 1), agree: fail }))).toBe('bad_key');
});

test('sharedBoxKey is what NaCl computes beforehand, wipes its input, and knows no secret in zeros', () => {
  const raw = nacl.scalarMult(clientKeys.secretKey, peer.publicKey);
  expect(sharedBoxKey(raw)).toEqual(nacl.box.before(peer.publicKey, clientKeys.secretKey));
  expect(raw).toEqual(new Uint8Array(32));
  expect(codeOf(() => sharedBoxKey(new Uint8Array(32)))).toBe('bad_key');
  expect(codeOf(() => sharedBoxKey(filled(31, 1)))).toBe('bad_key');
});
