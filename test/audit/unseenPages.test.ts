import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { recordLine } from '../store/commandsRig.ts';
import { createAgentDouble } from './agentDouble.ts';

let server: TestServer;
let admin: Operator;
let auditor: Operator;

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  auditor = await enrolUser(admin, 'otto', 'auditor');
  const { id } = await admin.client.call('hosts.add', { host: { name: 'web-01', address: '192.0.2.1', user: 'ops' } });
  const agent = await createAgentDouble(server, id);
  const lines = ['secret 1', 'secret 2', 'secret 3'].map((text) => recordLine(text));
  expect(await agent.send(1, lines)).toMatchObject({ status: 200 });
});
afterAll(async () => {
  admin?.client.close();
  auditor?.client.close();
  await server?.stop();
});

/** As nobody gave it: before all that is there. */
const cursor = (text: string) => Buffer.from(text).toString('base64url');
const newest = cursor(`${Date.now() + 86_400_000} ffffffff-ffff-ffff-ffff-ffffffffffff`);

const looks = async (action: string) =>
  (await admin.client.call('audit.list', { actor: 'otto', action })).items.map(({ details }) => details);

it('who begins with the second page is written down as well, and each question once', async () => {
  const { call } = auditor.client;
  expect((await call('commands.list', { cursor: newest })).items.map(({ text }) => text)).toContain('secret 1');
  expect(await looks('commands.list')).toEqual([{}]);
  expect((await call('audit.timeline', { host: 'web-01', cursor: newest })).items.length).toBeGreaterThan(2);
  expect(await looks('audit.timeline')).toEqual([{ host: 'web-01' }]);
  await call('alerts.list', { cursor: newest });
  expect(await looks('alerts.list')).toEqual([{}]);

  const first = await call('commands.list', { host: 'web-01', limit: 1 });
  await call('commands.list', { host: 'web-01', limit: 2, cursor: first.next ?? '' });
  await call('commands.list', { host: 'web-01', limit: 1, cursor: newest });
  expect(await looks('commands.list')).toEqual([{ host: 'web-01' }, {}]);
});
