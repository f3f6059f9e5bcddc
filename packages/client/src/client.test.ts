import { OmError } from '@omanager/contract';
import { encodeKey, generateKeyPair, type KeyHolder, sharedBoxKey } from '@omanager/secure-channel';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { type Client, type ClientOptions, createClient } from './client.ts';
import { createTestServer, type TestServerOptions } from './testing/testServer.ts';

const keyPair = generateKeyPair();
const open = new Set<Client>();
afterEach(() => {
  for (const client of open) client.close();
  open.clear();
});

function pair(server: TestServerOptions, options: Partial<ClientOptions> = {}) {
  const fake = createTestServer(server);
  const { transport, serverPublicKey } = fake;
  const client = createClient({ transport, serverPublicKey, keyPair, backoff: { firstMs: 0, capMs: 0 }, ...options });
  open.add(client);
  return { fake, client };
}

const info = { name: 'test', version: '1', time: '2026-01-01T00:00:00Z' };
const whoami = {
  kind: 'user',
  userId: '01890000-0000-7000-8000-000000000001',
  userName: 'ada',
  role: 'admin',
  deviceId: null,
  sessionId: null,
  totp: false,
  permissions: [],
};
const chunk = (seq: number) => ({ seq, stream: 'stdout', at: info.time, data: 'YQ==' });
const tailed = (seq: number, done: boolean) => ({ chunks: [chunk(seq)], done, cut: false, discardedBytes: 0 });
const runId = '01890000-0000-7000-8000-000000000002';
const cuts = fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 8 });
const afterOf = (params: unknown): number => Number((params as { after?: number } | undefined)?.after ?? 0);

it('gives a call its typed result and its typed error', async () => {
  const { client } = pair({
    call: ({ method }) => {
      if (method === 'system.info') return info;
      throw new OmError('SELECTOR_INVALID', 'no', { position: 3 });
    },
  });
  expect(await client.call('system.info', {})).toEqual(info);
  const failing = client.call('hosts.count', { selector: '[' });
  await expect(failing).rejects.toMatchObject({ name: 'OmError', code: 'SELECTOR_INVALID', details: { position: 3 } });
});

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

it('refuses an answer that the contract does not know', async () => {
  const { client } = pair({ call: () => ({ name: 1 }) });
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'INTERNAL' });
});

it('executes every changing call once and answers it once, wherever the connection is cut', async () => {
  await fc.assert(
    fc.asyncProperty(cuts, fc.integer({ min: 1, max: 8 }), async (cutAfter, count) => {
      const { fake, client } = pair({ cutAfter, call: () => ({ ok: true }) });
      const calls = Array.from({ length: count }, () => client.call('access.signOut', {}));
      expect(await Promise.all(calls)).toEqual(calls.map(() => ({ ok: true })));
      expect([...fake.stats.executed.values()]).toEqual(calls.map(() => 1));
      client.close();
    }),
    { numRuns: 40 },
  );
});

it('takes the session up again before anything else is sent', async () => {
  await fc.assert(
    fc.asyncProperty(cuts, async (cutAfter) => {
      const call = ({ method }: { method: string }) => (method === 'access.resume' ? whoami : info);
      const { fake, client } = pair({ cutAfter, call }, { session: () => 'x'.repeat(30) });
      await client.call('system.info', {});
      expect(fake.stats.methods[0]).toBe('access.resume');
      expect(client.state).toEqual({ kind: 'open', session: 'resumed' });
      client.close();
    }),
    { numRuns: 25 },
  );
});

it('goes on without a session when the server no longer knows it', async () => {
  const call = ({ method }: { method: string }) => {
    if (method === 'access.resume') throw new OmError('UNAUTHENTICATED');
    return info;
  };
  const { client } = pair({ call }, { session: () => 'x'.repeat(30) });
  await client.call('system.info', {});
  expect(client.state).toEqual({ kind: 'open', session: 'lost' });
});

it('streams without gap and without repeat, wherever the connection is cut, however slow the reader is, and even if events come before their stream has a name', async () => {
  await fc.assert(
    fc.asyncProperty(
      cuts,
      fc.integer({ min: 0, max: 300 }),
      fc.nat(3),
      fc.nat(3),
      async (cutAfter, total, slow, overtaking) => {
        const { client } = pair({
          cutAfter,
          overtaking,
          async stream({ params }, emit, signal) {
            for (let seq = afterOf(params) + 1; seq <= total; seq++) {
              if (signal.aborted) return;
              emit(tailed(seq, seq === total));
              if (seq % 50 === 0) await new Promise(setImmediate);
            }
          },
        });
        const seen: number[] = [];
        for await (const { chunks } of client.stream('runs.tail', { runId, ordinal: 0 })) {
          seen.push(...chunks.map(({ seq }) => seq));
          if (slow > 0 && seen.length % (slow * 20) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        }
        expect(seen).toEqual(Array.from({ length: total }, (_, i) => i + 1));
        client.close();
      },
    ),
    { numRuns: 40 },
  );
});

it('stops a stream whose reader is behind, and lets no more pile up', async () => {
  let sent = 0;
  const { fake, client } = pair({
    async stream({ params }, emit, signal) {
      for (let seq = afterOf(params) + 1; !signal.aborted; seq++) {
        emit(tailed(seq, false));
        sent++;
        await new Promise(setImmediate);
      }
    },
  });
  const reader = client.stream('runs.tail', { runId, ordinal: 0 });
  await reader.next();
  while (!fake.stats.methods.includes('stream.stop')) await new Promise(setImmediate);
  const sentThen = sent;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toBe(sentThen);
  for (let seq = 2; seq <= 200; seq++) expect((await reader.next()).value?.chunks[0]?.seq).toBe(seq);
  await reader.return();
});

it('ends a stream with the server’s error, and with the signal', async () => {
  const { client } = pair({
    async stream({ method }, emit, signal) {
      if (method === 'audit.follow') throw new OmError('FORBIDDEN');
      emit(tailed(1, false));
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  await expect(client.stream('audit.follow', {}).next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const controller = new AbortController();
  const reader = client.stream('runs.tail', { runId, ordinal: 0 }, { signal: controller.signal });
  await reader.next();
  const waiting = reader.next();
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

it('forgets an aborted call and leaves the rest', async () => {
  const { client } = pair({ call: () => info });
  const controller = new AbortController();
  const aborted = client.call('system.info', {}, { signal: controller.signal });
  const other = client.call('system.info', {});
  controller.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  expect(await other).toEqual(info);
});

it('bounds what waits', async () => {
  const { client } = pair({ call: () => info }, { maxPending: 2 });
  const calls = [1, 2, 3].map(() => client.call('system.info', {}));
  const results = await Promise.allSettled(calls);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  await expect(calls[2]).rejects.toMatchObject({ code: 'BUSY' });
});

it('refuses at once what is too large to send', async () => {
  const { client } = pair({});
  const call = client.call('hosts.importPreview', { format: 'csv', text: 'x'.repeat(9 << 20) });
  await expect(call).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

it('is over when the server revokes the session, and fails what waits', async () => {
  const { fake, client } = pair({ call: () => fake.close(4401, 'the session has ended') });
  const refused = {
    code: 'UNAUTHENTICATED',
    message: expect.stringMatching(/session has ended.*Sign in again.*go on/),
  };
  await expect(client.call('system.info', {})).rejects.toMatchObject(refused);
  expect(client.state).toMatchObject({ kind: 'closed', error: { code: 'UNAUTHENTICATED' } });
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('tells a revoked device that it needs a new invite', async () => {
  const { fake, client } = pair({ call: () => fake.close(4401, 'this device was revoked') });
  const message = expect.stringMatching(/needs a new invite.*Runs that are under way go on/);
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message });
});

it('does not repeat what the server refused with the connection', async () => {
  const { fake, client } = pair({ call: ({ id }) => (id === 1 ? fake.close(4413) : info) });
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'TOO_LARGE' });
  expect(await client.call('system.info', {})).toEqual(info);
});

it('gives up in the time it was told, with the last reason', async () => {
  const fake = createTestServer({});
  const client = createClient({
    transport: fake.transport,
    serverPublicKey: generateKeyPair().publicKey,
    keyPair,
    connectWithinMs: 50,
    handshakeTimeoutMs: 30,
    backoff: { firstMs: 1, capMs: 5 },
  });
  // This server cannot open the HELLO, which is meant for another key, and closes without a word.
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'DISCONNECTED' });
  expect(client.state).toMatchObject({ kind: 'closed' });
});

it('fails what waits when it is closed', async () => {
  const { client } = pair({ call: () => info, cutAfter: Array(20).fill(0) });
  const call = client.call('system.info', {});
  const stream = client.stream('audit.follow', {}).next();
  client.close();
  await expect(call).rejects.toMatchObject({ code: 'DISCONNECTED' });
  await expect(stream).rejects.toMatchObject({ code: 'DISCONNECTED' });
});

it('leaves a server that has fallen silent, and goes on with the next connection', async () => {
  const call = ({ method }: { method: string }) => (method === 'access.resume' ? whoami : info);
  const { fake, client } = pair({ call }, { session: () => 'x'.repeat(30), heartbeatMs: 20 });
  await client.call('system.info', {});
  fake.silence();
  expect(await client.call('system.info', {})).toEqual(info);
  expect(fake.stats.connections).toBe(2);
});

it('asks again for a stream that the server was too busy for', async () => {
  let refusals = 1;
  const { client } = pair({
    async stream(_request, emit) {
      if (refusals-- > 0) throw new OmError('BUSY');
      emit(tailed(1, true));
    },
  });
  const { value } = await client.stream('runs.tail', { runId, ordinal: 0 }).next();
  expect(value).toMatchObject({ done: true });
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

it('tells its states in order', async () => {
  const states: string[] = [];
  const { fake, client } = pair({ call: () => info }, { onState: ({ kind }) => states.push(kind) });
  await client.call('system.info', {});
  fake.close(1001);
  await client.call('system.info', {});
  client.close();
  await expect(client.call('system.info', {})).rejects.toMatchObject({ code: 'DISCONNECTED' });
  while (client.state.kind !== 'closed') await new Promise(setImmediate);
  // The second `connecting` waits for the third to try.
  expect(states).toEqual(['connecting', 'open', 'connecting', 'connecting', 'open', 'closed']);
});
