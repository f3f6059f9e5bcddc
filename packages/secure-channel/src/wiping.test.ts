import { expect, test } from 'vitest';
import { type Primitives, tweetnaclPrimitives } from './index.ts';
import { codeOf, makePair } from './testing/connect.ts';
import { bytes } from './testing/forge.ts';

/** Primitives that remember every secret they made or were given: random 32 bytes, shared keys, box keys, cookies. */
function watched() {
  const seen = new Set<Uint8Array>();
  const remember = <Secret extends Uint8Array | null>(secret: Secret): Secret => {
    if (secret) seen.add(secret);
    return secret;
  };
  const inner = tweetnaclPrimitives;
  const crypto: Primitives = {
    ...inner,
    randomBytes: (length) => (length === 32 ? remember(inner.randomBytes(length)) : inner.randomBytes(length)),
    sharedKey: (publicKey, secretKey) => remember(inner.sharedKey(publicKey, secretKey)),
    seal: (message, nonce, key) => inner.seal(message, nonce, remember(key)),
    open: (box, nonce, key) => inner.open(box, nonce, remember(key)),
  };
  const left = () => [...seen].filter((secret) => secret.some((byte) => byte !== 0));
  return { crypto, left };
}

test('between WELCOME and INITIATE a server keeps its cookie key and no other secret', () => {
  const { crypto, left } = watched();
  makePair({ crypto }).welcome();
  expect(left()).toHaveLength(1);
});

test('a ready channel keeps one key, a closed one none', () => {
  const [ours, theirs] = [watched(), watched()];
  const pair = makePair({ crypto: ours.crypto }, { crypto: theirs.crypto });
  pair.client.receive(pair.ready());
  pair.server.receive(pair.client.seal(bytes('x')));
  pair.client.receive(pair.server.seal(bytes('x')));
  expect([ours.left().length, theirs.left().length]).toEqual([1, 1]);
  pair.client.close();
  pair.server.close();
  expect([ours.left(), theirs.left()]).toEqual([[], []]);
});

test('a violation wipes like close does, at every step', () => {
  const steps = ['hello', 'welcome', 'initiate', 'ready'] as const;
  for (const step of steps) {
    const [ours, theirs] = [watched(), watched()];
    const pair = makePair({ crypto: ours.crypto }, { crypto: theirs.crypto });
    pair[step]();
    for (const end of [pair.client, pair.server]) expect(codeOf(() => end.receive(bytes('junk')))).toBe('bad_name');
    expect([ours.left(), theirs.left()]).toEqual([[], []]);
  }
});
