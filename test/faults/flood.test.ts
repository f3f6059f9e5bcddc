import { connect, type Socket } from 'node:net';
import { generateKeyPair } from '@omanager/secure-channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { residentMemory } from '../contract/memory.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { openRawChannel, outcomeOf, type RawChannel } from '../lab/rawChannel.ts';
import { startServer, type TestServer } from '../lab/server.ts';

/** What the server grants one address, and all together, before somebody is signed in. */
const perAddress = 64;
const inAll = 1000;

let server: TestServer;
let admin: Operator;
let hello: Buffer;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  const recorded = await open('127.0.0.1');
  hello = maskedFrame(recorded.sent[0] ?? new Uint8Array());
  recorded.close();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  admin?.client.close();
  await server?.stop();
});

const open = (localAddress: string, keyPair = admin.keyPair): Promise<RawChannel> =>
  openRawChannel({ url: server.url, serverPublicKey: admin.serverPublicKey, keyPair, socket: { localAddress } });

/** A binary WebSocket frame of a client (RFC 6455, section 5.2), masked with zeros. */
function maskedFrame(payload: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from([0x82, 0x80 | 126, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]),
    payload,
  ]);
}

/** Upgrades, sends a copied HELLO, and stays: costs the attacker nothing. Answers the HTTP status. */
function knock(localAddress: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
    sockets.push(socket);
    socket.on('error', () => resolve(0));
    socket.once('data', (data) => {
      resolve(Number(String(data).split(' ', 2)[1]));
      socket.write(hello);
    });
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n' +
        'Sec-WebSocket-Protocol: omanager.1\r\n\r\n',
    );
  });
}

async function flood(addresses: string[]): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let i = 0; i < addresses.length; i += 250) {
    for (const status of await Promise.all(addresses.slice(i, i + 250).map(knock)))
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return statuses;
}

describe('a flood of HELLOs', () => {
  it('from one address: few are let in, memory stays flat, others get in meanwhile', async () => {
    const before = residentMemory(server.pid);
    const [statuses, honest] = await Promise.all([flood(Array(2000).fill('127.0.0.2')), signIn('127.0.0.3')]);
    expect(statuses.get(101)).toBe(perAddress);
    expect(statuses.get(429)).toBe(2000 - perAddress);
    expect(outcomeOf(await honest.call('access.whoami'))).toBe('ok');
    expect(residentMemory(server.pid) - before).toBeLessThan(80 * 2 ** 20);
    honest.close();
  });

  it('from a thousand addresses: no more than so many at once, and who is signed in stays', async () => {
    const honest = await signIn('127.0.0.3');
    const before = residentMemory(server.pid);
    const statuses = await flood(Array.from({ length: 1200 }, (_, i) => `127.1.${i >> 8}.${i & 255}`));
    expect(statuses.get(101)).toBe(inAll - perAddress);
    expect(statuses.get(429)).toBe(1200 - inAll + perAddress);
    expect(outcomeOf(await honest.call('access.whoami'))).toBe('ok');
    expect(residentMemory(server.pid) - before).toBeLessThan(80 * 2 ** 20);
    honest.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });
});

it('connections of unknown keys are as few, those of people who are signed in are not', async () => {
  await expect.poll(() => signIn('127.0.0.4').then((channel) => channel.close()), { timeout: 5000 }).toBe(undefined);
  const people = await Promise.all(Array.from({ length: perAddress }, () => signIn('127.0.0.4')));
  const strangers = await Promise.all(Array.from({ length: perAddress }, () => open('127.0.0.4', generateKeyPair())));
  await expect(open('127.0.0.4', generateKeyPair())).rejects.toThrow('429');
  strangers[0]?.close();
  await expect.poll(() => open('127.0.0.4', generateKeyPair()).then((channel) => strangers.push(channel))).toBeTruthy();
  for (const channel of [...people, ...strangers]) channel.close();
});

it('whoever stays on the line keeps the server from nothing: it stops in order', async () => {
  expect([await knock('127.0.0.5'), await knock('127.0.0.5')]).toEqual([101, 101]);
  expect(await server.terminate()).toBe(0);
  expect(server.logs()).toContain('"msg":"stopped"');
});

async function signIn(localAddress: string): Promise<RawChannel> {
  const channel = await open(localAddress);
  expect(outcomeOf(await channel.call('access.resume', { session: admin.session }))).toBe('ok');
  return channel;
}
