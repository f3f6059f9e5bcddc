/**
 * The main job on a bare machine: OMServer on SQLite in a temporary folder, five demo hosts (an SSH server of this
 * process that runs real commands as the current user, on loopback only), `om` signed in, two modules run, the audit
 * of what happened shown. `-- --serve` stays up afterwards and says how to go on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { buildWeb } from '../lab/browser.ts';
import { generateKey } from '../lab/keys.ts';
import { startShellServer } from '../lab/sshServer.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const serve = process.argv.includes('--serve');
const hosts = [
  { name: 'web-01', groups: ['web/www'], labels: { role: 'front' } },
  { name: 'web-02', groups: ['web/www'], labels: { role: 'front' } },
  { name: 'web-03', groups: ['web/www'], labels: { role: 'front', canary: 'yes' } },
  { name: 'db-01', groups: ['db/mysql'], labels: { role: 'primary' } },
  { name: 'db-02', groups: ['db/mysql'], labels: { role: 'replica' } },
];

await using stack = new AsyncDisposableStack();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const folder = mkdtempSync(join(tmpdir(), 'om-demo-'));
stack.defer(() => rmSync(folder, { recursive: true, force: true }));

process.exitCode = await demo().catch((error: unknown) => {
  if (stop.signal.aborted) return 130;
  console.error(error instanceof Error ? error.message : error);
  return 1;
});

async function demo(): Promise<number> {
  if (serve) {
    say('The web app, if it is not built yet');
    await buildWeb();
  }
  say('Five demo hosts: an SSH server on loopback that runs real commands as you');
  const inventory = await startHosts();
  say('OMServer on SQLite in a temporary folder');
  const url = await startServer();

  say('Sign in: the first start printed a one-time invite; om enrols this computer with it');
  const password = secretFile('password', randomBytes(12).toString('base64url'));
  const link = join(folder, 'data', 'first-invite.txt');
  await om(
    'login',
    '--yes',
    '--link-file',
    link,
    '--user',
    'demo',
    '--password-file',
    password,
    '--device-name',
    'demo',
  );

  say('The key into the vault, the hosts into the inventory, their host keys known beforehand');
  await om('credentials', 'add', 'demo', '--key-file', inventory.keyFile);
  await om('hosts', 'import', inventory.hostsFile, '--apply');
  await om('hostkeys', 'import', inventory.knownHostsFile);

  say('The version of all servers: identical outputs are folded into one');
  await om('run', '1003', '-t', '*');
  say('A command on the web servers but the canary; it is destructive, so it asks for environment, count and reason');
  const command = 'command=echo "$(nproc) processors"; [ "$OM_HOST" != web-02 ] || echo "disk is filling up" >&2';
  const gate = ['--confirm', 'demo 2', '--reason', 'a look at the processors'];
  await om('run', 'adhoc.command', '-t', 'group:web & !label:canary=yes', '-p', command, ...gate);

  say('The audit of what just happened');
  await om('audit', 'list', '--limit', '12');
  if (!serve) return 0;

  say('Still up. In a browser of this machine, as an admin of your own; the invite is good once, for an hour:');
  console.log(`  ${await webInvite(url)}`);
  say('In another terminal, as the user of this demo:');
  console.log(
    `  export OM_HOME=${join(folder, 'om')}\n  npm run om -- hosts list\n  npm run om -- run system.uptime -t 'group:web'`,
  );
  console.log('\nCtrl-C ends it and removes everything.');
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  return 0;
}

/** Starts the SSH servers and writes what the inventory and the vault need to know them. */
async function startHosts() {
  const key = generateKey();
  const servers = await Promise.all(
    hosts.map(async ({ name }) => {
      const hostKey = generateKey();
      const server = await startShellServer({
        hostKey: hostKey.privateKey,
        authorizedKeys: [key.publicLine],
        hostName: name,
        env: { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8' },
      });
      stack.defer(() => server.stop());
      return { port: server.port, known: `[127.0.0.1]:${server.port} ${hostKey.publicLine}\n` };
    }),
  );
  const drafts = hosts.map((host, i) => ({
    ...host,
    address: '127.0.0.1',
    port: servers[i]?.port,
    user: 'demo',
    credential: 'demo',
    environment: 'demo',
  }));
  return {
    keyFile: secretFile('id', key.privateKey),
    hostsFile: secretFile('hosts.yaml', JSON.stringify(drafts)),
    knownHostsFile: secretFile('known_hosts', servers.map(({ known }) => known).join('')),
  };
}

async function startServer(): Promise<string> {
  const env = { PATH: process.env.PATH, OM_DATA_DIR: join(folder, 'data'), OM_PORT: '0', OM_LOG_LEVEL: 'warn' };
  const server = spawn(process.execPath, [path('apps/server/src/main.ts'), 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  stack.defer(() => endChild(server));
  let said = '';
  for await (const chunk of server.stdout.setEncoding('utf8')) {
    said += chunk;
    const [line, url] = /^OMServer .* listens on (\S+)$/m.exec(said) ?? [];
    if (url === undefined) continue;
    console.log(line);
    server.stdout.on('data', () => {});
    server.stderr.pipe(process.stderr);
    return url;
  }
  throw new Error(`OMServer did not start:\n${said}${await server.stderr.toArray()}`);
}

/** The web UI with a second invite, so that the browser enrols as somebody of its own. */
async function webInvite(url: string): Promise<string> {
  const file = join(folder, 'web-invite.txt');
  const env = { PATH: process.env.PATH, OM_DATA_DIR: join(folder, 'data'), OM_PORT: new URL(url).port };
  const child = spawn(
    process.execPath,
    [path('apps/server/src/main.ts'), 'invite', '--role', 'admin', '--file', file],
    {
      env,
      stdio: 'ignore',
    },
  );
  const [code] = await once(child, 'close', { signal: stop.signal });
  if (code !== 0) throw new Error(`omserver invite ended with ${code}`);
  const link = readFileSync(file, 'utf8').trim();
  return `${url}/${link.slice(link.indexOf('#'))}`;
}

async function om(...args: string[]): Promise<void> {
  console.log(styleText('cyan', `$ om ${args.map(quote).join(' ')}`));
  mkdirSync(join(folder, 'om'), { recursive: true, mode: 0o700 });
  const env = { ...process.env, OM_HOME: join(folder, 'om') };
  const child = spawn(process.execPath, [path('apps/cli/src/main.ts'), ...args], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close', { signal: stop.signal });
  // 2: some servers were not ok, which the demo may show.
  if (code !== 0 && code !== 2) throw new Error(`om ended with ${code}`);
}

function secretFile(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''").replaceAll(folder, '…')}'`;
}

function say(text: string): void {
  console.log(`\n${styleText('bold', `── ${text}`)}`);
}
