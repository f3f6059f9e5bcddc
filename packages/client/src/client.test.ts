import { OmError } from '@omanager/contract';
import { generateKeyPair } from '@omanager/secure-channel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClient } from './client.ts';
import { afterOf, info, keyPair, pair, runId, tailed, whoami } from './testing/pair.ts';
import { createTestServer } from './testing/testServer.ts';

const cuts = fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 8 });

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
  await expect(client.call('system.info', {})).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    message,
    details: { cause: 'revoked' },
  });
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
