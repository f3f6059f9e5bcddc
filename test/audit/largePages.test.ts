import type { CommandEvent } from '@omanager/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { recordLine } from '../store/commandsRig.ts';
import { createAgentDouble } from './agentDouble.ts';

/** More than one message takes: somebody who wants nobody to look at the audit writes long lines before. */
const long = '漢'.repeat(131_072);
const commands = 30;
const acts = 320;
let server: TestServer;
let admin: Operator;
let viewer: Operator;

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  viewer = await enrolUser(admin, 'vera', 'viewer');
  const { id } = await admin.client.call('hosts.add', { host: { name: 'web-01', address: '192.0.2.1', user: 'ops' } });
  const agent = await createAgentDouble(server, id);
  for (let n = 0; n < commands; n += 2) {
    const lines = [n, n + 1].map((i) => recordLine(`${i} ${long}`.slice(0, 131_000)));
    expect(await agent.send(n + 1, lines)).toMatchObject({ status: 200 });
  }
  for (let n = 0; n < acts; n++)
    await viewer.client
      .call('serverSets.save', { name: 'mine', selector: '漢'.repeat(9990) })
      .catch((error: unknown) => expect(error).toMatchObject({ code: 'FORBIDDEN' }));
});
afterAll(async () => {
  admin?.client.close();
  viewer?.client.close();
  await server?.stop();
});

it('commands of any length are read page by page, around one, in a timeline and exported', async () => {
  const { call } = admin.client;
  const texts: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await call('commands.list', { host: 'web-01', limit: 1000, ...(cursor ? { cursor } : {}) });
    texts.push(...page.items.filter(({ kind }) => kind === 'command').map(({ text }) => text));
    pages++;
    if (!page.next) break;
    cursor = page.next;
  }
  expect(pages).toBeGreaterThan(2);
  expect(new Set(texts.map((text) => text.split(' ', 1)[0])).size).toBe(commands);
  const { items } = await call('commands.list', { host: 'web-01', text: '漢漢', limit: 1000 });
  expect(items.length).toBeGreaterThan(5);
  const around = await call('commands.around', { id: items[2]?.id ?? '', limit: 500 });
  expect(around.items.length).toBeGreaterThan(3);
  expect(around.more).toBe(true);
  expect((await call('audit.timeline', { host: 'web-01', limit: 500 })).items.length).toBeGreaterThan(5);
  const exported: CommandEvent[] = [];
  for await (const { events } of admin.client.stream('commands.export', { host: 'web-01' })) exported.push(...events);
  expect(exported.filter(({ kind }) => kind === 'command')).toHaveLength(commands);
}, 30_000);

it('acts of anybody, with whatever they asked for, are listed and exported', async () => {
  const ids = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await admin.client.call('audit.list', {
      ...{ actor: 'vera', limit: 1000 },
      ...(cursor ? { cursor } : {}),
    });
    for (const { action, id } of page.items) if (action === 'serverSets.save') ids.add(id);
    if (!page.next) break;
    cursor = page.next;
  }
  expect(ids.size).toBe(acts);
  let exported = 0;
  for await (const { events } of admin.client.stream('audit.export', { actor: 'vera', action: 'serverSets.save' }))
    exported += events.length;
  expect(exported).toBe(acts);
}, 30_000);
