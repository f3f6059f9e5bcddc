import { OmError } from '@omanager/contract';
import { expect, it } from 'vitest';
import { createDesktopAsk } from './ask.ts';
import type { Answer, BridgeEvent } from './bridge.ts';
import { createBridgedClient } from './bridgedClient.ts';

/** A main process that answers as told, and remembers what it was asked. */
function rig(answers: (name: string, params: Record<string, unknown>) => Answer | Promise<Answer>) {
  const asked: { name: string; params: Record<string, unknown> }[] = [];
  const listeners = new Set<(event: unknown) => void>();
  const desktop = createDesktopAsk({
    async request(name, params) {
      // Of this file's own making.
      const given = params as Record<string, unknown>;
      asked.push({ name, params: given });
      return answers(name, given);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
  const tell = (event: BridgeEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const client = createBridgedClient(desktop, 7, { kind: 'open', session: 'resumed' });
  return { client, tell, asked, names: () => asked.map(({ name }) => name), listening: () => listeners.size };
}

const nothing: Answer = { ok: true, result: null };

it('calls with the connection, and gives the error of the server with its code and details', async () => {
  const { client, asked } = rig((name) =>
    name === 'call.send'
      ? { ok: false, error: { code: 'FORBIDDEN', message: 'no', details: { missing: 'run.start' } } }
      : nothing,
  );
  const failed = await client.call('access.whoami', {}).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(OmError);
  expect(failed).toMatchObject({ code: 'FORBIDDEN', message: 'no', details: { missing: 'run.start' } });
  expect(asked[0]?.params).toMatchObject({ connection: 7, method: 'access.whoami', params: {} });
});

it('lets go of a call that is aborted, here and in the main process', async () => {
  const { client, asked } = rig((name) => (name === 'call.send' ? new Promise<Answer>(() => {}) : nothing));
  const stop = new AbortController();
  const waiting = client.call('access.whoami', {}, { signal: stop.signal });
  stop.abort(new Error('left the page'));
  await expect(waiting).rejects.toThrow('left the page');
  expect(asked[1]).toEqual({ name: 'call.cancel', params: { call: asked[0]?.params.call } });
});

it('follows the state of its own connection only', () => {
  const { client, tell } = rig(() => nothing);
  const seen: string[] = [];
  client.onState(({ kind }) => seen.push(kind));
  const error = { code: 'UNAUTHENTICATED', message: 'revoked' } as const;
  tell({ type: 'state', connection: 8, state: { kind: 'closed', error } });
  tell({ type: 'state', connection: 7, state: { kind: 'closed', error } });
  expect(seen).toEqual(['closed']);
  expect(client.state).toMatchObject({ kind: 'closed', error: { code: 'UNAUTHENTICATED' } });
});

it('asks for more of a stream only as it is read, and gives every event in order until its end', async () => {
  const { client, tell, asked, names, listening } = rig(() => nothing);
  const before = listening();
  const events = client.stream('audit.follow', {});
  const first = events.next();
  await Promise.resolve();
  const stream = String(asked[0]?.params.stream);
  const send = (item: number): void => tell({ type: 'stream', stream, item });
  for (let i = 0; i < 64; i++) send(i);
  tell({ type: 'stream', stream: 'another', item: -1 });
  expect((await first).value).toBe(0);
  expect(names()).toEqual(['stream.open']);
  const read: unknown[] = [];
  for (let i = 1; i < 64; i++) read.push((await events.next()).value);
  expect(read).toEqual(Array.from({ length: 63 }, (_, i) => i + 1));
  expect(names()).toContain('stream.more');
  tell({ type: 'streamEnd', stream, error: null });
  expect((await events.next()).done).toBe(true);
  expect(names().at(-1)).toBe('stream.close');
  expect(listening()).toBe(before);
});

it('ends a stream with its error, or with the reason of who left it', async () => {
  const { client, tell, asked, names } = rig(() => nothing);
  const failing = client.stream('audit.follow', {}).next();
  tell({ type: 'streamEnd', stream: String(asked[0]?.params.stream), error: { code: 'FORBIDDEN', message: 'no' } });
  await expect(failing).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const stop = new AbortController();
  const left = client.stream('audit.follow', {}, { signal: stop.signal }).next();
  stop.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  expect(names().at(-1)).toBe('stream.close');
});
