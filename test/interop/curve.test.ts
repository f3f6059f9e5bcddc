import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import {
  type Channel,
  createClient,
  createServer,
  generateKeyPair,
  type Primitives,
  tweetnaclPrimitives,
} from '@omanager/secure-channel';
import { afterEach, expect, test } from 'vitest';
import { curveKeyPair, Dealer } from 'zeromq';
import { loadPrimitives } from '../../apps/server/src/channel/sodiumPrimitives.ts';
import { decodeZ85, encodeZ85 } from './z85.ts';
import { type Bridge, bridge } from './zmtpBridge.ts';

const SIZES = [0, 1, 2, 255, 256, 1023, 4096, 65_535, 65_536, 1024 * 1024];
const PIPELINED = 2000;
const metadata = { 'Socket-Type': 'DEALER', Identity: '' };
const native = await loadPrimitives();
const both = [native, tweetnaclPrimitives];

const serverKeys = generateKeyPair();
const clientKeys = generateKeyPair();

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const payloadOf = (length: number): Buffer => Buffer.alloc(length, Buffer.from(`${length} bytes of this text, `));
const payloads = [...SIZES.map(payloadOf), ...Array.from({ length: PIPELINED }, (_, n) => Buffer.from(`message ${n}`))];

/** A libzmq server that sends everything back. */
async function libzmqEcho() {
  const socket = new Dealer({
    curveServer: true,
    curveSecretKey: encodeZ85(serverKeys.secretKey),
    linger: 0,
    receiveHighWaterMark: 0,
    sendHighWaterMark: 0,
  });
  undo.push(() => socket.close());
  await socket.bind('tcp://127.0.0.1:*');
  const echo = (async () => {
    for await (const parts of socket) await socket.send(parts);
  })();
  echo.catch(() => undefined); // closing the socket may interrupt a send
  return Number(new URL(socket.lastEndpoint ?? '').port);
}

function libzmqClient(port: number, serverPublicKey = serverKeys.publicKey) {
  const socket = new Dealer({
    curveServerKey: encodeZ85(serverPublicKey),
    curvePublicKey: encodeZ85(clientKeys.publicKey),
    curveSecretKey: encodeZ85(clientKeys.secretKey),
    linger: 0,
    receiveTimeout: 30_000,
    receiveHighWaterMark: 0,
    sendHighWaterMark: 0,
  });
  undo.push(() => socket.close());
  socket.connect(`tcp://127.0.0.1:${port}`);
  return socket;
}

/** Our client over TCP; collects what arrives and tells when all of it has. */
async function ourClient(port: number, serverPublicKey = serverKeys.publicKey, crypto: Primitives = native) {
  const channel = createClient({ serverPublicKey, clientKeyPair: clientKeys, metadata, crypto });
  const tcp = connect(port, '127.0.0.1');
  undo.push(() => tcp.destroy());
  await once(tcp, 'connect');
  const arrived: Uint8Array[] = [];
  const all = Promise.withResolvers<void>();
  const link = bridge(tcp, channel, (payload) => {
    if (arrived.push(payload) === payloads.length) all.resolve();
  });
  return { link, channel, arrived, all: all.promise };
}

interface Accepted {
  link: Bridge;
  channel: Channel;
}

/** Our server over TCP, which sends everything back; tells about its first connection. */
async function ourEcho(authorize: (key: Uint8Array) => boolean | Promise<boolean>, crypto: Primitives = native) {
  const first = Promise.withResolvers<Accepted>();
  const onConnection = (tcp: Socket): void => {
    undo.push(() => tcp.destroy());
    const channel = createServer({ serverKeyPair: serverKeys, authorize, metadata, crypto });
    const link: Bridge = bridge(tcp, channel, (payload) => link.send(payload));
    first.resolve({ link, channel });
  };
  const server = createTcpServer(onConnection).listen(0, '127.0.0.1');
  undo.push(() => server.close());
  await once(server, 'listening');
  return { port: portOf(server.address()), first: first.promise };
}

test('the addon has what this test is about', () => {
  const pair = curveKeyPair();
  expect(encodeZ85(decodeZ85(pair.secretKey))).toBe(pair.secretKey);
  expect(encodeZ85(native.publicKeyOf(decodeZ85(pair.secretKey)))).toBe(pair.publicKey);
});

test.each(both)(
  'our client ($name) and a libzmq server exchange every size and 2000 pipelined messages',
  async (crypto) => {
    const { link, channel, arrived, all } = await ourClient(await libzmqEcho(), serverKeys.publicKey, crypto);
    await link.ready;
    expect(channel.peer?.publicKey).toEqual(serverKeys.publicKey);
    expect(channel.peer?.metadata).toMatchObject({ 'Socket-Type': 'DEALER' });
    for (const payload of payloads) link.send(payload);
    expect(await Promise.race([all, link.over])).toBeUndefined();
    expectSame(arrived);
  },
);

test.each(both)(
  'a libzmq client and our server ($name) exchange every size and 2000 pipelined messages',
  async (crypto) => {
    const asked: Uint8Array[] = [];
    const { port, first } = await ourEcho(async (key) => asked.push(key) > 0, crypto);
    const client = libzmqClient(port);
    const sending = (async () => {
      for (const payload of payloads) await client.send(payload);
    })();
    const arrived: Uint8Array[] = [];
    while (arrived.length < payloads.length) arrived.push(...(await client.receive()));
    await sending;
    expectSame(arrived);
    expect(asked).toEqual([clientKeys.publicKey]);
    expect((await first).channel.peer).toMatchObject({
      publicKey: clientKeys.publicKey,
      metadata: { 'Socket-Type': 'DEALER' },
    });
  },
);

test('libzmq turns our client away when it expects another server key', async () => {
  const { link } = await ourClient(await libzmqEcho(), generateKeyPair().publicKey);
  await expect(link.ready).rejects.toThrow('before the channel was ready');
  expect(await link.over).toBeUndefined(); // closed without a word, as the protocol demands
});

test('we turn a libzmq client away when it expects another server key', async () => {
  const { port, first } = await ourEcho(() => expect.unreachable());
  libzmqClient(port, generateKeyPair().publicKey);
  expect(await (await first).link.over).toMatchObject({ code: 'bad_box' });
});

test('libzmq understands our ERROR "400"', async () => {
  const { port, first } = await ourEcho(() => false);
  const client = libzmqClient(port);
  const told = (async () => {
    for await (const event of client.events) {
      if (event.type === 'handshake:error:auth') return event.error;
      if (event.type.startsWith('handshake')) throw new Error(`unexpected ${event.type}`);
    }
    return undefined;
  })();
  expect(await (await first).link.over).toMatchObject({ code: 'refused' });
  expect(await told).toMatchObject({ status: 400 });
});

test('a multipart message, which our protocol does not have, ends the connection', async () => {
  const { port, first } = await ourEcho(() => true);
  const client = libzmqClient(port);
  await client.send(['one', 'two']);
  expect(await (await first).link.over).toMatchObject({ code: 'bad_flags' });
});

/** The port of a TCP server; a pipe, which has none, is not used here. */
function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address.port;
}

function expectSame(arrived: Uint8Array[]): void {
  expect(arrived.length).toBe(payloads.length);
  expect(payloads.every((payload, index) => payload.equals(arrived[index] ?? Buffer.from('missing')))).toBe(true);
}
