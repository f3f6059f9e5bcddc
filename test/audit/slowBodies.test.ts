import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { recordLine } from '../store/commandsRig.ts';
import { createAgentDouble } from './agentDouble.ts';

const tries = 150;
let server: TestServer;
let admin: Operator;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  admin?.client.close();
  await server?.stop();
});

const addHost = (name: string) =>
  admin.client.call('hosts.add', { host: { name, address: '192.0.2.1', user: 'ops' } }).then(({ id }) => id);

it('a server whose batches never end does not keep others from sending theirs', async () => {
  const slow = await addHost('slow');
  await createAgentDouble(server, slow);
  const [key] = (await admin.client.call('agents.list', {})).items;
  const honest = await createAgentDouble(server, await addHost('honest'));
  const head = [
    ...['POST /audit/v1/events HTTP/1.1', 'host: x', 'content-type: text/tab-separated-values'],
    ...[`om-host: ${slow}`, `om-key: ${key?.id}`, `om-boot: ${randomUUID()}`, 'om-first: 1'],
    ...[`om-time: ${Math.floor(Date.now() / 1000)}`, `om-signature: v1=${'0'.repeat(64)}`, 'content-length: 1000000'],
  ];
  let refused = 0;
  for (let i = 0; i < tries; i++) {
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      if (bytes.toString().startsWith('HTTP/1.1 503')) refused++;
    });
    socket.write(`${head.join('\r\n')}\r\n\r\nx`);
  }
  await waitFor('most of them are refused', () => refused >= tries - 64);
  expect(await honest.send(1, [recordLine('id')])).toEqual({ status: 200, body: { next: 2 } });
  await waitFor('but for a few', () => refused >= tries - 4);
});
