import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createForwarder } from './checkpointForwarder.ts';
import { syslogSender } from './checkpointSyslog.ts';
import { webhookSender } from './checkpointWebhook.ts';

const line = 'om-checkpoint-1 7 ab 1 cd ef';
const never = new AbortController().signal;
const form = /^<110>1 \S+Z \S+ omserver - checkpoint - om-checkpoint-1 7 ab 1 cd ef$/;

async function webServer(answers: number[]): Promise<{ url: URL; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    const status = answers.shift();
    // Without an answer left it hangs.
    if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=secret`), bodies };
}

test('a checkpoint leaves as a datagram', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const got = once(socket, 'message');
  await syslogSender(new URL(`udp://127.0.0.1:${socket.address().port}`))(line, never);
  expect(String((await got)[0])).toMatch(form);
});

test('by TCP its length stands before it', async () => {
  const server = createTcp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const got = once(server, 'connection').then(([socket]) => text(socket));
  await syslogSender(new URL(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`))(line, never);
  const [, length, message = ''] = /^(\d+) (.*)$/.exec(await got) ?? [];
  expect(message).toMatch(form);
  expect(Number(length)).toBe(Buffer.byteLength(message));
});

test('a webhook that fails is tried again; a redirect is a failure', async () => {
  const { url, bodies } = await webServer([500, 302, 204]);
  const errors: object[] = [];
  const log = { error: (details: object) => void errors.push(details) };
  const forwarder = createForwarder({ to: 'webhook', send: webhookSender(url), log, firstPauseMs: 1, stopMs: 60_000 });
  forwarder.give(line);
  await forwarder.stop();
  expect(bodies).toEqual(Array(3).fill(JSON.stringify({ checkpoint: line })));
  expect(JSON.stringify(errors)).toContain('answered 500');
  expect(JSON.stringify(errors)).not.toContain('secret');
});

test('a webhook that hangs holds up nothing, neither the giver nor the stop', async () => {
  const { url } = await webServer([]);
  const forwarder = createForwarder({ to: 'webhook', send: webhookSender(url), log: { error() {} }, stopMs: 10 });
  forwarder.give(line);
  await forwarder.stop();
});
