import { parseInvite } from '@omanager/client';
import { generateKeyPair } from '@omanager/secure-channel';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { openRawChannel, outcomeOf, type RawChannel, webSocketOf } from '../lab/rawChannel.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { peakMemory, residentMemory } from './memory.ts';

let server: TestServer;
let admin: Operator;
let bob: Operator;
let silent: Promise<number>[];
const open = (who: Pick<Operator, 'keyPair'>) =>
  openRawChannel({ url: server.url, serverPublicKey: admin.serverPublicKey, keyPair: who.keyPair });

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  bob = await enrolUser(admin, 'bob', 'operator');
  // Looked at when the others are done.
  silent = [closeCodeOf(await bareSocket()), closeCodeOf(await helloSent())];
});
afterAll(async () => {
  for (const { client } of [admin, bob]) client?.close();
  await server?.stop();
});

async function bareSocket(): Promise<WebSocket> {
  const socket = new WebSocket(webSocketOf(server.url), 'omanager.1', { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

function closeCodeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Calls that the server has taken so far, as its metrics count them. */
async function callsTaken(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return [...text.matchAll(/^om_calls_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

async function recording(): Promise<RawChannel> {
  const channel = await open(admin);
  expect(outcomeOf(await channel.call('access.resume', { session: admin.session }))).toBe('ok');
  expect(outcomeOf(await channel.call('groups.add', { path: `replay/${uuid()}` }, uuid()))).toBe('ok');
  return channel;
}

async function helloSent(): Promise<WebSocket> {
  const recorded = await open(bob);
  recorded.close();
  const socket = await bareSocket();
  socket.send(recorded.sent[0] ?? '');
  return socket;
}

describe('what was recorded', () => {
  it('delivers nothing when it is played on a new connection (T1)', async () => {
    const recorded = await recording();
    const before = await callsTaken();
    const socket = await bareSocket();
    const welcomes: unknown[] = [];
    socket.on('message', (data) => welcomes.push(data));
    const closed = closeCodeOf(socket);
    for (const [i, frame] of recorded.sent.entries()) {
      socket.send(frame);
      if (i === 0) await waitFor('the WELCOME', () => welcomes.length === 1);
    }
    expect(await closed).toBe(4400);
    expect(welcomes).toHaveLength(1);
    expect(await callsTaken()).toBe(before);
    expect(outcomeOf(await recorded.call('access.whoami'))).toBe('ok');
    recorded.close();
  });

  it.each<[string, (channel: RawChannel) => Uint8Array[]]>([
    ['again', ({ sent }) => sent.slice(-1)],
    ['from the handshake', ({ sent }) => sent.slice(0, 1)],
    [
      'with a bit flipped',
      ({ sent }) => sent.slice(-1).map((frame) => Uint8Array.from(frame, (byte, i) => byte ^ (i === 40 ? 1 : 0))),
    ],
    ['cut short', ({ sent }) => sent.slice(-1).map((frame) => frame.slice(0, -1))],
    ['as nothing', () => [new Uint8Array()]],
  ])('ends the connection when it comes %s, and is not taken', async (_how, frames) => {
    const channel = await recording();
    const before = await callsTaken();
    for (const frame of frames(channel)) channel.sendFrame(frame);
    expect((await channel.closed).code).toBe(4400);
    expect(await callsTaken()).toBe(before);
  });

  it('ends the connection when one message is missing', async () => {
    const channel = await recording();
    const before = await callsTaken();
    const { socket } = channel;
    const send = socket.send.bind(socket);
    // The attacker swallows this one.
    socket.send = () => {};
    channel.send('{"jsonrpc":"2.0","id":1,"method":"access.whoami"}');
    socket.send = send;
    channel.send('{"jsonrpc":"2.0","id":2,"method":"access.whoami"}');
    expect((await channel.closed).code).toBe(4400);
    expect(await callsTaken()).toBe(before);
  });
});

describe('frames that are none of ours', () => {
  it.each<[string, (socket: WebSocket) => void, number]>([
    ['text', (socket) => socket.send('hello'), 4400],
    ['rubbish', (socket) => socket.send(Buffer.alloc(200, 7)), 4400],
    ['more than 1 KiB before the handshake is over', (socket) => socket.send(Buffer.alloc(1025)), 4413],
    [
      'a head that announces gigabytes',
      (socket) => raw(socket, [0x82, 0xff, 0, 0, 0, 9, 0, 0, 0, 0, 1, 2, 3, 4]),
      1009,
    ],
    ['an unmasked frame', (socket) => raw(socket, [0x82, 0x01, 0x00]), 1002],
    ['a compressed frame', (socket) => raw(socket, [0xc2, 0x81, 1, 2, 3, 4, 5]), 1002],
    ['an unknown opcode', (socket) => raw(socket, [0x83, 0x80, 1, 2, 3, 4]), 1002],
  ])('%s', async (_what, send, code) => {
    const socket = await bareSocket();
    const closed = closeCodeOf(socket);
    send(socket);
    expect(await closed).toBe(code);
  });

  it('text after the handshake', async () => {
    const channel = await recording();
    channel.sendFrame('{"jsonrpc":"2.0","id":1,"method":"access.whoami"}');
    expect((await channel.closed).code).toBe(4400);
  });

  /** Writes below the WebSocket, as no WebSocket client would. */
  function raw(socket: WebSocket, bytes: number[]): void {
    const below: unknown = Reflect.get(socket, '_socket');
    if (below && typeof below === 'object' && 'write' in below && typeof below.write === 'function') {
      below.write(Buffer.from(bytes));
    } else throw new Error('ws hides its socket');
  }
});

describe('sign-in', () => {
  it('1,000 in one batch: none is tried; 200 at once: a few are, memory stays flat, nobody is locked out (T2)', async () => {
    const channels = await Promise.all(Array.from({ length: 8 }, () => open(bob)));
    const [first] = channels;
    if (!first) throw new Error('no connection');
    const before = residentMemory(server.pid);
    const guess = { userName: bob.userName, password: 'wrong horse' };
    const batch = (n: number) =>
      JSON.stringify(
        Array.from({ length: n }, (_, id) => ({ jsonrpc: '2.0', id, method: 'access.signIn', params: guess })),
      );
    // What 1,000 of them weigh ends the connection of a stranger; in smaller batches each is refused.
    const heavy = await open(bob);
    heavy.send(batch(1000));
    expect((await heavy.closed).code).toBe(4413);
    first.send(batch(101));
    expect(await first.next()).toMatchObject({ error: { data: { code: 'INVALID_REQUEST' } } });
    for (let i = 0; i < 10; i++) {
      first.send(batch(100));
      const answers = await first.next();
      expect(Array.isArray(answers) && new Set(answers.map(outcomeOf))).toEqual(new Set(['FORBIDDEN']));
    }
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, i) =>
        outcomeOf((await channels[i % 8]?.call('access.signIn', guess)) ?? {}),
      ),
    );
    const count = (code: string) => outcomes.filter((outcome) => outcome === code).length;
    expect(count('BAD_CREDENTIALS')).toBeLessThanOrEqual(10);
    expect(count('BAD_CREDENTIALS') + count('THROTTLED') + count('BUSY')).toBe(200);
    expect(peakMemory(server.pid) - before).toBeLessThan(150 * 2 ** 20);

    // Somebody else is not kept waiting, and neither is the same user for long.
    const { userName, password } = admin;
    const own = await open(admin);
    expect(outcomeOf(await own.call('access.signIn', { userName, password }))).toBe('ok');
    const right = { userName: bob.userName, password: bob.password };
    await waitFor('bob gets in', async () => outcomeOf(await first.call('access.signIn', right)) === 'ok', 20_000);
    for (const channel of [own, ...channels]) channel.close();
  });

  it('an invite redeemed twice at once: one wins, the other is told, and that is on record (T3)', async () => {
    const { link } = await admin.client.call('invites.create', {});
    const { code } = parseInvite(link);
    const guests = await Promise.all([open({ keyPair: generateKeyPair() }), open({ keyPair: generateKeyPair() })]);
    const outcomes = await Promise.all(
      guests.map(async (guest, i) => {
        const params = { code, userName: `guest-${i}`, password: 'a long enough password', deviceName: 'laptop' };
        return outcomeOf(await guest.call('access.enrol', params, uuid()));
      }),
    );
    expect(outcomes.toSorted()).toEqual(['INVITE_INVALID', 'ok']);
    const { items } = await admin.client.call('audit.list', { action: 'access.enrol', limit: 2 });
    expect(items.map(({ outcome, code: why }) => [outcome, why]).toSorted()).toEqual([
      ['done', null],
      ['refused', 'INVITE_INVALID'],
    ]);
    expect(JSON.stringify(items)).not.toContain(code);
    for (const guest of guests) guest.close();
  });

  it('a session of one device is worth nothing on another (T4)', async () => {
    const [onBobs, unknown] = await Promise.all([open(bob), open({ keyPair: generateKeyPair() })]);
    const stolen = { session: admin.session };
    expect(outcomeOf(await onBobs.call('access.resume', stolen))).toBe('BAD_CREDENTIALS');
    expect(outcomeOf(await onBobs.call('access.whoami'))).toBe('UNAUTHENTICATED');
    expect(outcomeOf(await unknown.call('access.resume', stolen))).toBe('NOT_ENROLLED');
    const { items } = await admin.client.call('audit.list', { action: 'access.resume', limit: 1 });
    expect(items).toMatchObject([{ outcome: 'refused', code: 'BAD_CREDENTIALS' }]);
    for (const channel of [onBobs, unknown]) channel.close();
  });
});

it('whoever does not finish the handshake is cut off after ten seconds', async () => {
  expect(await Promise.all(silent)).toEqual([4408, 4408]);
});
