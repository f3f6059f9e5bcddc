import { OmError } from '@omanager/contract';
import { encodeKey, generateKeyPair, type KeyHolder, sharedBoxKey } from '@omanager/secure-channel';
import { expect, it } from 'vitest';
import { afterOf, info, keyPair, pair, runId, tailed, whoami } from './testing/pair.ts';

/** As a browser holds it: in WebCrypto, not to be taken out. */
async function holderOf({ publicKey, secretKey }: typeof keyPair): Promise<KeyHolder> {
  const { subtle } = globalThis.crypto;
  const jwk = { kty: 'OKP', crv: 'X25519', x: encodeKey(publicKey), d: encodeKey(secretKey) };
  const key = await subtle.importKey('jwk', jwk, 'X25519', false, ['deriveBits']);
  return {
    publicKey,
    async agree(peerPublicKey) {
      const peer = await subtle.importKey('raw', new Uint8Array(peerPublicKey), 'X25519', false, []);
      return sharedBoxKey(new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: peer }, key, 256)));
    },
  };
}

it('connects, and again after a cut, with a key that it cannot read', async () => {
  const holder = await holderOf(keyPair);
  const { client } = pair({ cutAfter: [5], call: () => info }, { keyPair: holder });
  expect(await client.call('system.info', {})).toEqual(info);
});

it('tries again when the holder of the key fails', async () => {
  let asked = 0;
  const holder = await holderOf(keyPair);
  const agree = async (publicKey: Uint8Array) => {
    if (asked++ === 0) throw new Error('the keychain is locked');
    return holder.agree(publicKey);
  };
  const { client, fake } = pair({ call: () => info }, { keyPair: { publicKey: holder.publicKey, agree } });
  expect(await client.call('system.info', {})).toEqual(info);
  expect(fake.stats.connections).toBe(2);
});

it('waits for a sign-in where it is told to: calls and streams go on where they were', async () => {
  const secret = (n: number) => String(n).repeat(30);
  let valid = secret(1);
  let current = secret(1);
  const executed: string[] = [];
  const { fake, client } = pair(
    {
      call({ method, params }) {
        executed.push(method);
        if (method === 'access.resume') {
          if (params?.session !== valid) throw new OmError('BAD_CREDENTIALS');
          return whoami;
        }
        if (method === 'access.signIn') return { session: valid, next: 'done', whoami };
        return info;
      },
      async stream({ params }, emit, signal) {
        const after = afterOf(params);
        if (after >= 4) return;
        emit(tailed(after + 1, false));
        emit(tailed(after + 2, after + 2 === 4));
        if (after + 2 < 4) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    },
    { session: () => current, waitForSignIn: true },
  );
  const states: string[] = [];
  client.onState((state) => states.push(state.kind === 'open' ? state.session : state.kind));
  const stream = client.stream('runs.tail', { runId, ordinal: 0 });
  const seqs = [await stream.next(), await stream.next()];
  valid = secret(2);
  fake.close(4401, 'the session has ended');
  const rest = [stream.next(), stream.next()];
  const call = client.call('system.info', {});
  while (!states.includes('lost')) await new Promise(setImmediate);
  expect(executed).not.toContain('system.info');

  const { session } = await client.call('access.signIn', { userName: 'ada', password: 'x' });
  current = session ?? '';
  expect(await call).toEqual(info);
  seqs.push(...(await Promise.all(rest)));
  expect(seqs.map(({ value }) => value?.chunks[0]?.seq)).toEqual([1, 2, 3, 4]);
  expect(states.at(-1)).toBe('resumed');
  expect(executed.filter((method) => method === 'access.signIn')).toHaveLength(1);
});

it('finds out, where it waits for sign-ins, what became of a session that a call was refused with', async () => {
  let live = true;
  const call = ({ method }: { method: string }) => {
    if (method === 'access.resume' && live) return whoami;
    if (live) {
      live = false;
      throw new OmError('UNAUTHENTICATED');
    }
    throw new OmError('BAD_CREDENTIALS');
  };
  const { client } = pair({ call }, { session: () => 'x'.repeat(30), waitForSignIn: true });
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const lost = () => client.state.kind === 'open' && client.state.session === 'lost';
  while (!lost()) await new Promise(setImmediate);
});

it('says when it tries again, and tries at once when it is told to', async () => {
  const anHour = 3_600_000;
  const { client, fake } = pair({ call: () => info, cutAfter: [0] }, { backoff: { firstMs: anHour, capMs: anHour } });
  const call = client.call('system.info', {});
  const waits = () => client.state.kind === 'connecting' && client.state.retryAt !== null;
  while (!waits()) await new Promise(setImmediate);
  expect(client.state).toMatchObject({ failures: 1, lastCause: 'unreachable', retryAt: expect.any(Number) });
  client.retryNow();
  expect(await call).toEqual(info);
  expect(fake.stats.connections).toBe(2);
});

it('tells a server that holds another key from one that cannot be reached', async () => {
  const serverPublicKey = generateKeyPair().publicKey;
  const { client } = pair({}, { serverPublicKey });
  const failed = () => client.state.kind === 'connecting' && client.state.failures > 0;
  while (!failed()) await new Promise(setImmediate);
  expect(client.state).toMatchObject({ lastCause: 'wrong_key' });
});
