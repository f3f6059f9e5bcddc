import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { failureOf } from './checkpointFailure.ts';
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

/** What became of each attempt. */
function told() {
  const said: string[] = [];
  return {
    said,
    sent: async (_item: string, left: number) => void said.push(`sent, ${left} since`),
    failed: async (error: unknown) => void said.push(Object.values(failureOf(error)).join(' ')),
  };
}

test('a webhook that fails is tried again; a redirect is a failure', async () => {
  const { url, bodies } = await webServer([500, 302, 204]);
  const { said, ...tell } = told();
  const forwarder = createForwarder({ ...tell, send: webhookSender(url), firstPauseMs: 1, stopMs: 60_000 });
  forwarder.give(line);
  await forwarder.stop();
  expect(bodies).toEqual(Array(3).fill(JSON.stringify({ checkpoint: line })));
  expect(said).toEqual(['answer HTTP 500', 'answer HTTP 302', 'sent, 0 since']);
});

test('a webhook that hangs holds up nothing, neither the giver nor the stop', async () => {
  const { url } = await webServer([]);
  const forwarder = createForwarder({ ...told(), send: webhookSender(url), stopMs: 10 });
  forwarder.give(line);
  await forwarder.stop();
});

test('what waits is replaced by the newest, and the stop waits for no pause', async () => {
  const sent: string[] = [];
  const first = Promise.withResolvers<void>();
  const { said, ...tell } = told();
  const forwarder = createForwarder({
    ...tell,
    async send(item: string) {
      sent.push(item);
      if (sent.length === 1) await first.promise;
    },
    firstPauseMs: 3_600_000,
    stopMs: 60_000,
  });
  for (const item of ['1', '2', '3']) forwarder.give(item);
  first.reject(new Error('away'));
  await expect.poll(() => said).toEqual(['unknown Error']);
  await forwarder.stop();
  expect(sent).toEqual(['1', '3']);
  expect(said.at(-1)).toBe('sent, 0 since');
});

test('a failure is told by a code, never by words or an address', async () => {
  const { url } = await webServer([]);
  const failure = async (work: Promise<void>) => failureOf(await work.catch((error: unknown) => error));
  expect(await failure(webhookSender(url, 20)(line, never))).toEqual({ what: 'timeout', detail: 'no answer in time' });
  const closed = createTcp().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const gone = { what: 'unreachable', detail: 'ECONNREFUSED' };
  expect(await failure(webhookSender(new URL(`http://127.0.0.1:${port}/?token=secret`))(line, never))).toEqual(gone);
  expect(await failure(syslogSender(new URL(`tcp://127.0.0.1:${port}`))(line, never))).toEqual(gone);
  expect(failureOf(Object.assign(new Error('token=secret'), { code: 'EACCES' }))).toEqual({
    what: 'not_writable',
    detail: 'EACCES',
  });
});
