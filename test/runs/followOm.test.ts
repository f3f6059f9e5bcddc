import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOm, loginAdmin, type Om } from '../cli/om.ts';
import { generateKey } from '../lab/keys.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { type SshServer, startShellServer } from '../lab/sshServer.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';

let server: TestServer;
let om: Om;
let folder: Workspace;
let file: string;
const hosts: SshServer[] = [];

beforeAll(async () => {
  folder = createWorkspace('follow');
  server = await startServer();
  om = createOm();
  await loginAdmin(om, server);
  const userKey = generateKey();
  await om.json(['credentials', 'add', 'lab', '--key-file', om.file('key', userKey.privateKey)]);
  await om.json(['zones', 'set', 'default', '--host-keys', 'accept']);
  const lines = ['name,address,port,user,credential'];
  for (const [i, name] of ['web-01', 'web-02', 'database-01'].entries()) {
    const options = { hostKey: generateKey().privateKey, authorizedKeys: [userKey.publicLine], hostName: name };
    const host = await startShellServer({ ...options, address: `127.0.0.${i + 10}` });
    hosts.push(host);
    lines.push(`${name},${host.address},${host.port},lab,lab`);
  }
  // Nobody listens on this one.
  lines.push('web-05,127.0.0.9,1,lab,lab');
  await om.json(['hosts', 'import', om.file('hosts.csv', lines.join('\n')), '--apply']);
  file = join(folder.dir, 'app.log');
});
afterAll(async () => {
  om?.remove();
  await server?.stop();
  for (const host of hosts) await host.stop();
  folder?.remove();
});

/** An om that goes on, and what it has said so far. */
function startOm(...args: string[]) {
  const child = om.start(...args);
  const said = { out: '', err: '' };
  child.stdout?.on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.on('data', (text: string) => {
    said.err += text;
  });
  const says = (what: RegExp) =>
    waitFor(`om says ${what}`, () => what.test(said.out + said.err) || child.exitCode !== null);
  return { child, said, says };
}

it('shows the lines of all servers beside their names, and stops the run on Ctrl-C', async () => {
  writeFileSync(file, 'old\nGET /a 200\n\x1b]52;c;eA==\x07 ERROR \x1b[2Jdisk\n');
  const { child, said, says } = startOm(
    'run',
    'log.follow',
    '-t',
    '*',
    '-p',
    `file=${file}`,
    '--exclude',
    'GET',
    '-p',
    'lines=2',
  );
  await says(/(.*disk\n){3}/s);
  expect(said.out).toMatch(/^Runs as +the login user, until it is stopped, at most 1 h/m);
  expect(said.out).toMatch(/^Lines +all, without GET$/m);
  for (const name of ['web-01', 'web-02', 'database-01'])
    expect(said.out).toMatch(new RegExp(`^${name} *\\| \\\\x1b\\]52;c;eA==\\\\x07 ERROR \\\\x1b\\[2Jdisk$`, 'm'));
  for (const hidden of ['old', 'GET /a', '\x1b']) expect(said.out).not.toContain(hidden);
  // Said at once: nobody sees it from lines that do not come.
  await says(/✕ unreachable \(refused\) {2}web-05/);
  appendFileSync(file, 'GET /b 200\nnew\n');
  await says(/(.*\| new\n){3}/s);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await child.done;
  expect(stderr).toContain('Stopping the run; Ctrl-C again leaves at once.');
  expect(stdout).toMatch(/^partly succeeded: ok 3, unreachable 1 of 4 servers in /m);
  expect(stdout).not.toContain('GET /b');
  expect(code).toBe(2);
});

it('takes up a run that was left with om logs, for some servers and lines, and lets go of it', async () => {
  writeFileSync(file, 'one\ntwo\n');
  const [started] = (await om.json(['run', 'log.follow', '-t', '*', '-p', `file=${file}`, '--detach'])).filter(
    ({ type }) => type === 'started',
  );
  const runId = String(started?.runId);
  const { child, said, says } = startOm(
    'logs',
    runId,
    '--host',
    'web-[01-02]',
    '--include',
    'TWO|three',
    '--ignore-case',
    '--json',
  );
  await says(/two.*two/s);
  appendFileSync(file, 'Three\nfour\n');
  await says(/Three.*Three/s);
  child.kill('SIGINT');
  expect((await child.done).code).toBe(1);
  const lines = said.out
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  expect(lines.at(-1)).toEqual({ type: 'detached', runId });
  const shown = lines.filter(({ type }) => type === 'line').map(({ name, text }) => `${name} ${text}`);
  expect(shown.sort()).toEqual(['web-01 Three', 'web-01 two', 'web-02 Three', 'web-02 two']);
  expect(await om.json(['runs', 'show', runId])).toMatchObject([{ state: 'running' }]);
  await om.json(['runs', 'stop', runId]);
  const watched = await om('logs', runId, '--lines', '1');
  expect(watched.stdout).toMatch(/^web-01 +\| four$/m);
  expect(watched.stdout).toMatch(/^partly succeeded: ok 3, unreachable 1 of 4 servers/m);
  expect(watched.code).toBe(2);
});

it('leaves at once on the second Ctrl-C', async () => {
  const { child, says } = startOm('run', 'log.follow', '-t', 'web-01', '-p', `file=${file}`);
  await says(/\| four/);
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect((await child.done).code).not.toBe(2);
});

it.each([
  [['run', 'log.follow', '-t', '*', '-p', 'file=/a', '--ignore-case']],
  [['run', 'log.follow', '-t', '*', '-p', 'file=/a', '--include', '(']],
  [['run', 'log.follow', '-t', '*', '-p', 'file=/a', '--parallel', '1']],
  [['run', 'system.uptime', '-t', '*', '--include', 'x']],
])('refuses om %j with 3', async (args) => {
  const { code, stderr } = await om(...args);
  expect([code, stderr.startsWith('om: ')]).toEqual([3, true]);
});
