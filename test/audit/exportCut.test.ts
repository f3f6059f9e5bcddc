import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createOm, loginWith, type Om } from '../cli/om.ts';
import { type CuttingProxy, startCuttingProxy } from '../lab/cuttingProxy.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { recordLine } from '../store/commandsRig.ts';
import { createAgentDouble } from './agentDouble.ts';

const script = fileURLToPath(new URL('../../docs/verify-export.mjs', import.meta.url));
const workspace = createWorkspace('export-cut');
const batches = 5;
const batch = 1000;
let server: TestServer;
let admin: Operator;
let proxy: CuttingProxy;
let om: Om;

beforeAll(async () => {
  server = await startServer();
  proxy = await startCuttingProxy(server.port);
  admin = await enrolAdmin(server);
  const { id } = await admin.client.call('hosts.add', { host: { name: 'web-01', address: '192.0.2.1', user: 'ops' } });
  const agent = await createAgentDouble(server, id);
  for (let n = 0; n < batches; n++) {
    const lines = Array.from({ length: batch }, (_, i) => recordLine(`echo ${n * batch + i} ${'x'.repeat(200)}`));
    expect((await agent.send(n * batch + 1, lines)).status).toBe(200);
  }
  om = createOm();
  const { link } = await admin.client.call('invites.create', { role: 'auditor' });
  expect((await loginWith(om, link.replace(`:${server.port}`, `:${proxy.port}`), 'otto')).code).toBe(0);
});
afterAll(async () => {
  om?.remove();
  admin?.client.close();
  await proxy?.stop();
  await server?.stop();
  workspace.remove();
});

const texts = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).text);

it('an export that a cut or a restart of the server parts is whole, has no signature, and everybody says so', async () => {
  const file = join(workspace.dir, 'parted.jsonl');
  proxy.arm({ direction: 'down', bytes: 400_000 });
  const parted = om.start('audit', 'export', '--save', file, '--host', 'web-01');
  await waitFor('it is cut', () => proxy.cuts > 0);
  await server.restart();
  const { code, stdout, stderr } = await parted.done;
  expect({ code, stdout, stderr }).toMatchObject({
    code: 2,
    stdout: expect.stringContaining(`${batches * batch} events; not signed`),
    stderr: expect.stringContaining('Not signed: the connection was cut meanwhile; export again.'),
  });
  expect(new Set(texts(file)).size).toBe(batches * batch);
  expect(texts(file)).toHaveLength(batches * batch);
  expect(existsSync(`${file}.sig`)).toBe(false);
  const key = Buffer.alloc(32, 7).toString('base64');
  expect(spawnSync(process.execPath, [script, file, `${file}.sig`, key], { encoding: 'utf8' })).toMatchObject({
    status: 1,
    stderr: `NOT SIGNED: there is no ${file}.sig\n`,
  });
});

it('one that its client gave up leaves no file, and the audit has no word of a file', async () => {
  const file = join(workspace.dir, 'given-up.jsonl');
  await proxy.stop();
  const stalled = Promise.withResolvers<void>();
  const holding = createServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    let passed = 0;
    far.on('data', (data) => {
      passed += data.length;
      if (passed < 400_000) near.write(data);
      else stalled.resolve();
    });
    near.pipe(far);
    for (const [end, other] of [[near, far] as const, [far, near] as const])
      end.on('error', () => {}).on('close', () => other.destroy());
  }).listen(proxy.port, '127.0.0.1');
  onTestFinished(() => void holding.close());
  const given = om.start('audit', 'export', '--save', file, '--host', 'web-01');
  await stalled.promise;
  given.kill('SIGINT');
  expect((await given.done).code).not.toBe(0);
  expect([existsSync(file), existsSync(`${file}.sig`)]).toEqual([false, false]);
  const { items } = await admin.client.call('audit.list', { action: 'audit.exported' });
  expect(items).toEqual([]);
  expect((await admin.client.call('audit.list', { action: 'commands.export' })).items.length).toBeGreaterThan(0);
});
