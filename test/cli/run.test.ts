import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateKey } from '../lab/keys.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { type SshServer, startShellServer } from '../lab/sshServer.ts';
import { waitFor } from '../lab/wait.ts';
import { createOm, loginAdmin, type Om } from './om.ts';

const modules = {
  hello: 'risk: read\nshell: |\n  echo hello\n  echo careful >&2\n',
  fails: 'risk: read\nshell: |\n  case $HOSTNAME in web-02) echo broken >&2; exit 3;; esac\n  echo fine\n',
  nasty: "risk: read\nshell: |\n  printf '\\033]52;c;eA==\\007\\rgone\\n'\n",
  waits: 'risk: read\nparams:\n  seconds: { type: integer, default: 30 }\nshell: |\n  sleep "$seconds"; echo done\n',
  risky: 'risk: disruptive\nshell: echo restarted\n',
  secret:
    'risk: read\nparams:\n  text: { type: string }\n  token: { type: string, secret: true, required: true }\n' +
    'shell: |\n  printf "%s\\n" "$text"; test -n "$token" && echo has-token\n',
};

let folder: string;
let server: TestServer;
let om: Om;
const hosts: SshServer[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-modules-'));
  for (const [name, body] of Object.entries(modules)) {
    writeFileSync(
      join(folder, `${name}.yaml`),
      `id: test.${name}\ntitle: { en: ${name} title, zh: ${name} 标题 }\n${body}`,
    );
  }
  server = await startServer({ env: { OM_MODULE_DIR: folder } });
  om = createOm();
  await loginAdmin(om, server);
  const userKey = generateKey();
  await om.json(['credentials', 'add', 'lab', '--key-file', om.file('key', userKey.privateKey)]);
  await om.json(['zones', 'set', 'default', '--host-keys', 'accept']);
  const lines = ['name,address,port,user,credential,environment'];
  for (const [i, hostName] of ['web-01', 'web-02', 'web-03', 'web-04'].entries()) {
    const options = { hostKey: generateKey().privateKey, authorizedKeys: [userKey.publicLine], hostName };
    const host = await startShellServer({ ...options, address: `127.0.0.${i + 10}` });
    hosts.push(host);
    lines.push(`${hostName},${host.address},${host.port},lab,lab,prod`);
  }
  // Nobody listens on this one.
  lines.push('web-05,127.0.0.9,1,lab,lab,prod');
  await om.json(['hosts', 'import', om.file('hosts.csv', lines.join('\n')), '--apply']);
});
afterAll(async () => {
  om?.remove();
  await server?.stop();
  for (const host of hosts) await host.stop();
  if (folder) rmSync(folder, { recursive: true });
});

it('runs, folds equal outputs, marks standard error, and ends with 0', async () => {
  const { code, stdout } = await om('run', 'test.hello', '-t', 'web-[01-04]');
  expect(stdout).toContain('web-[01-04] (4)  ok\n');
  expect(stdout).toMatch(/^ {2}hello$/m);
  expect(stdout).toMatch(/^! careful$/m);
  expect(stdout).toMatch(/succeeded: ok 4 of 4 servers in /);
  expect(code).toBe(0);
});

it('ends with 2 when some are not ok, and says which and why', async () => {
  const { code, stdout } = await om('run', 'test.fails', '-t', '*');
  expect(code).toBe(2);
  expect(stdout).toContain('web-[01,03-04] (3)  ok\n  fine\n');
  expect(stdout).toContain('web-02 (1)  failed (exit 3)\n! broken\n');
  expect(stdout).toMatch(/✕ failed \(exit 3\) {2}web-02 \(1\)/);
  expect(stdout).toMatch(/✕ unreachable \(refused\) {2}web-05 \(1\)/);
  expect(stdout).toContain('ok 3, failed 1, unreachable 1 of 5 servers');
  expect(stdout).toContain('om runs retry ');
});

it('prints every server by itself when asked', async () => {
  const { stdout } = await om('run', 'test.hello', '-t', 'web-[01-02]', '--no-fold');
  // How the two streams interleave is up to the network; that each server has both is not.
  const block = String.raw`  ok  [\d.]+ m?s\n(?:  hello\n! careful\n|! careful\n  hello\n)`;
  expect(stdout).toMatch(new RegExp(`^web-01${block}web-02${block}`, 'm'));
});

it('gives programs a line for the plan, every server, every output and the end', async () => {
  const lines = await om.json(['run', 'test.fails', '-t', 'web-[01-03]'], 2);
  const types = lines.map(({ type }) => type);
  expect(types.slice(0, 2)).toEqual(['plan', 'started']);
  expect(types.filter((type) => type === 'host')).toHaveLength(3);
  expect(lines.find(({ type, name }) => type === 'host' && name === 'web-02')).toMatchObject({
    state: 'failed',
    exitCode: 3,
  });
  expect(lines.find(({ type, count }) => type === 'output' && count === 2)).toMatchObject({
    stdout: 'fine',
    hosts: ['web-01', 'web-03'],
  });
  expect(lines.at(-1)).toMatchObject({ type: 'run', state: 'partly_succeeded' });
});

it('lets no output act on the terminal', async () => {
  const { stdout } = await om('run', 'test.nasty', '-t', 'web-01');
  expect(stdout).toContain('  \\x1b]52;c;eA==\\x07\\rgone\n');
  for (const char of ['\x1b', '\x07', '\r']) expect(stdout).not.toContain(char);
  expect((await om('run', 'test.nasty', '-t', 'web-01', '--raw')).stdout).toContain('\x1b]52;');
});

it('shows the plan and starts nothing with --dry-run', async () => {
  const { code, stdout } = await om('run', 'test.risky', '-t', 'web-[01-02]', '--dry-run', '--lang', 'zh');
  expect(code).toBe(0);
  expect(stdout).toContain('test.risky 1.0.0  risky 标题  [disruptive]');
  expect(stdout).toContain('web-[01-02]: 2 servers');
  expect(stdout).toContain('echo restarted');
  expect(await om.json(['runs', 'list', '--module', 'test.risky'])).toEqual([]);
  expect((await om('plan', 'test.risky', '-t', 'web-01', '--hosts')).stdout).toContain('lab@127.0.0.10:');
});

it('wants the phrase above risk change, and refuses with 3', async () => {
  const without = await om('run', 'test.risky', '-t', 'web-[01-02]');
  expect(without.code).toBe(3);
  expect(without.stderr).toContain('--confirm "2"');
  expect((await om('run', 'test.risky', '-t', 'web-[01-02]', '--confirm', '3')).code).toBe(3);
  expect(await om.json(['runs', 'list', '--module', 'test.risky'])).toEqual([]);
  const confirmed = await om('run', 'test.risky', '-t', 'web-[01-02]', '--confirm', '2');
  expect([confirmed.code, confirmed.stdout.includes('  restarted')]).toEqual([0, true]);
});

it.each([
  [['run', 'test.nothing', '-t', '*']],
  [['run', 'test.hello', '-t', '']],
  [['run', 'test.hello', '-t', 'web-99']],
  [['run', 'test.hello', '-t', 'group:']],
  [['run', 'test.waits', '-t', 'web-01', '-p', 'seconds=soon']],
  [['run', 'test.secret', '-t', 'web-01', '-p', 'token=visible']],
  [['run', 'test.secret', '-t', 'web-01']],
])('refuses om %j with 3', async (args) => {
  const { code, stderr } = await om(...args);
  expect([code, stderr.startsWith('om: ')]).toEqual([3, true]);
});

it('takes texts and secrets from files and shows no secret', async () => {
  const files = ['-f', `text=${om.file('text', '系统 $(id) `x`')}`, '-f', `token=${om.file('token', 'tok-123456\n')}`];
  const { code, stdout, stderr } = await om('run', 'test.secret', '-t', 'web-01', ...files);
  expect(code).toBe(0);
  expect(stdout).toContain('  系统 $(id) `x`\n  has-token\n');
  expect(stdout + stderr).not.toContain('tok-123456');
});

it('lets go on Ctrl-C and says how to come back; the run goes on', async () => {
  const child = om.start('run', 'test.waits', '-t', 'web-01', '-p', 'seconds=3', '--json');
  const runId = await startedRun(child);
  child.kill('SIGINT');
  const left = await child.done;
  expect(left.code).toBe(1);
  expect(JSON.parse(left.stdout.trim().split('\n').at(-1) ?? '')).toEqual({ type: 'detached', runId });
  const { code, stdout } = await om('runs', 'watch', runId);
  expect([code, stdout.includes('  done')]).toEqual([0, true]);
});

it('says it to people as well, and aborts only when told', async () => {
  const child = om.start('run', 'test.waits', '-t', 'web-01');
  let said = '';
  child.stdout?.on('data', (text: string) => {
    said += text;
  });
  const running = await waitFor('it runs', async () => {
    const runs = await om.json(['runs', 'list', '--module', 'test.waits', '--state', 'running']);
    return runs[0];
  });
  const runId = String(running.id);
  child.kill('SIGINT');
  const left = await child.done;
  expect(left.code).toBe(1);
  expect(left.stderr).toContain(`om runs watch ${runId}`);
  expect(said).toContain('test.waits');
  expect((await om('runs', 'abort', runId)).code).toBe(0);
  const watched = await om('runs', 'watch', runId);
  expect(watched.code).toBe(2);
  expect(watched.stdout).toContain('aborted');
});

it('follows one server’s output, shows a run, and tries again where it was not ok', async () => {
  const lines = await om.json(['run', 'test.fails', '-t', 'web-[01-02]'], 2);
  const runId = String(lines.at(-1)?.id);
  expect((await om('runs', 'show', runId)).stdout).toContain('test.fails 1.0.0');
  expect((await om('runs', 'hosts', runId, '--not-ok')).stdout).toMatch(/web-02 +failed +3 +1 /);
  expect((await om('runs', 'output', runId, 'web-01', '--follow')).stdout).toBe('  fine\n');
  expect((await om('runs', 'output', runId, 'web-99')).code).toBe(3);
  const again = await om('runs', 'retry', runId);
  expect(again.code).toBe(2);
  expect((await om('runs', 'hosts', runId)).stdout).toMatch(/web-02 +failed +3 +2 /);
});

it('survives a restart of the server while it watches', async () => {
  const child = om.start('run', 'test.waits', '-t', 'web-01', '-p', 'seconds=2', '--json');
  await startedRun(child);
  await server.restart();
  const { code, stdout } = await child.done;
  // The server finishes or loses track of what ran while it stopped; either way the watcher hears of the end.
  expect([0, 2]).toContain(code);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run' });
});

async function startedRun(child: ReturnType<Om['start']>): Promise<string> {
  let seen = '';
  child.stdout?.on('data', (text: string) => {
    seen += text;
  });
  return waitFor('the run has started', () => {
    const line = seen.split('\n').find((text) => text.includes('"type":"started"'));
    return line === undefined ? undefined : String(JSON.parse(line).runId);
  });
}
