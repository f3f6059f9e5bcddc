import { pages } from '@omanager/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { addHosts } from '../runs/rig.ts';
import { recordLine } from '../store/commandsRig.ts';
import { type AgentDouble, createAgentDouble } from './agentDouble.ts';

let server: TestServer;
let admin: Operator;
let agents: AgentDouble[];

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  const names = ['one', 'two', 'three'];
  await addHosts(
    admin.client,
    names.map((name) => ({ name, address: '127.0.0.1', user: 'lab' })),
  );
  const { items } = await admin.client.call('hosts.list', {});
  agents = await Promise.all(items.map(({ id }) => createAgentDouble(server, id)));
});
afterAll(async () => {
  admin?.client.close();
  await server?.stop();
});

const perBatch = 7;
const batches = 60;
const texts = (agent: number, first: number) => Array.from({ length: perBatch }, (_, i) => `${agent}:${first + i}`);

describe('a server that is killed while agents send', () => {
  it('has everything that it acknowledged, and nothing twice', async () => {
    let acknowledged = 0;
    const killAt = 40;
    let killed: Promise<void> | undefined;
    /** As the forwarder does: sends again until it is told that it was taken, from what the server wants next. */
    const sendAll = async (agent: AgentDouble, number: number): Promise<void> => {
      for (let first = 1; first <= batches * perBatch; ) {
        const lines = texts(number, first).map((text) => recordLine(text));
        const answer = await agent.send(first, lines).catch(() => null);
        if (answer === null || answer.status === 429 || answer.status === 503) {
          await killed;
          continue;
        }
        expect(answer.status).toBe(200);
        first = answer.body.next ?? 0;
        if (++acknowledged === killAt) killed = server.kill9().then(() => server.restart());
      }
    };
    await Promise.all(agents.map(sendAll));
    const found: string[] = [];
    for await (const { text } of pages(admin.client, 'commands.list', { kinds: ['command'], limit: 1000 }, {}))
      found.push(text);
    const wanted = agents.flatMap((_, number) =>
      Array.from({ length: batches }, (__, i) => texts(number, 1 + i * perBatch)).flat(),
    );
    expect(found.sort()).toEqual(wanted.sort());
  });
});
