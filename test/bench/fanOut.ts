import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { outputOf, type Rig, runOn, start, startRig } from '../runs/rig.ts';
import { startBareLoop } from './bareProcess.ts';
import { type Figure, figureOf, printFigures, printRatio, timed } from './figures.ts';

const hosts = 200;
const parallel = 64;
const body = 'uptime\n';

/**
 * The same body on 200 hosts of one local sshd, 64 at a time: through all of OMServer (plan, start, store, results
 * streamed back sealed), by a bare ssh2 loop, ClusterShell, parallel-ssh and Ansible with its default settings.
 */
export async function benchFanOut(rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const rig = await startRig({
    hosts,
    sshd: { config: ['LogLevel ERROR'] },
    server: { env: { OM_SSH_IDLE_SECONDS: '600', OM_LOG_LEVEL: 'warn' } },
  });
  stack.defer(() => rig.stop());
  const others = writeOthers(rig);
  stack.defer(() => others.remove());
  const bare = startBareLoop({
    addresses: rig.sshd.addresses,
    port: rig.sshd.port,
    username: rig.user.name,
    privateKey: rig.key.privateKey,
    parallel,
    source: body,
  });
  stack.defer(() => bare.stop());

  const times: Record<string, number[]> = {};
  const measure = async (name: string, work: () => Promise<number>) => {
    times[name] ??= [];
    times[name].push(await work());
  };
  const idle = () => waitFor('no SSH session is left', () => rig.sshd.sessionPids(rig.user.name).length === 0, 60_000);
  const om = () => timed(() => expectAllOk(rig));

  // The first run meets and pins the host keys; after that both sides have compiled their code and hold connections.
  for (let i = 0; i < 3; i++) {
    await om();
    await bare.run('warm');
  }
  for (let i = 0; i < rounds; i++) {
    await measure('bare ssh2 loop, warm', () => bare.run('warm'));
    await measure('OManager, warm', om);
    await measure('OManager, start to first result', () => firstResult(rig));
  }
  await bare.run('close');
  // Connections are given up after a second of idleness, so each of these runs connects anew; the code stays warm.
  await rig.server.restart({ OM_SSH_IDLE_SECONDS: '1', OM_LOG_LEVEL: 'warn' });
  for (let i = -2; i < rounds; i++) {
    await idle();
    const cold = [await om(), await idle().then(() => bare.run('cold'))];
    await bare.run('close');
    if (i < 0) continue;
    await measure('OManager, cold', async () => cold[0] ?? Number.NaN);
    await measure('bare ssh2 loop, cold', async () => cold[1] ?? Number.NaN);
  }
  await idle();
  for (let i = 0; i < Math.ceil(rounds / 2); i++) {
    for (const [name, command] of others.commands) await measure(name, () => timed(() => runTool(name, command)));
  }

  const figures: Figure[] = Object.entries(times).map(([name, values]) => figureOf(name, 'ms', values));
  printFigures(`uptime on ${hosts} hosts, ${parallel} at a time, ${rounds} rounds`, figures);
  const median = (name: string) => figures.find((figure) => figure.name === name)?.median ?? Number.NaN;
  const ratio = (a: string, b: string, aim: string, holds: (r: number) => boolean) => {
    const value = median(a) / median(b);
    printRatio(`${a} / ${b}`, value, aim, holds(value));
  };
  ratio('OManager, warm', 'bare ssh2 loop, warm', '≤ 1.5', (r) => r <= 1.5);
  ratio('OManager, cold', 'bare ssh2 loop, cold', '≤ 1.2', (r) => r <= 1.2);
  ratio('clush', 'OManager, cold', '≥ 4', (r) => r >= 4);
  ratio('ansible -m raw', 'OManager, warm', '≥ 7', (r) => r >= 7);
  ratio('ansible -m command', 'OManager, warm', '≥ 40', (r) => r >= 40);
}

async function expectAllOk(rig: Rig): Promise<void> {
  const { run } = await runOn(rig.client, { module: 'system.uptime', selector: '*', parallel });
  if (run.counts.ok !== hosts)
    throw new Error(`only ${run.counts.ok} of ${hosts} were ok: ${JSON.stringify(run.counts)}`);
}

/** From the start of a planned run to the first result in the client's hands. */
async function firstResult(rig: Rig): Promise<number> {
  const began = performance.now();
  const { id } = await start(rig.client, { module: 'system.uptime', selector: '*', parallel });
  let took = Number.NaN;
  for await (const { hosts: changed } of rig.client.stream('runs.watch', { runId: id })) {
    const done = changed.find(({ state }) => state === 'ok');
    if (!done || !Number.isNaN(took)) continue;
    await outputOf(rig.client, id, done.ordinal);
    took = performance.now() - began;
  }
  return took;
}

/** Configuration for the other tools: same user, key and hosts, host keys known beforehand, one config for OpenSSH. */
function writeOthers(rig: Rig) {
  const workspace = createWorkspace('bench');
  const file = (name: string, text: string) => {
    const path = join(workspace.dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const { addresses, port, hostKeys } = rig.sshd;
  const key = file('id', rig.key.privateKey);
  const known = file(
    'known_hosts',
    addresses.flatMap((address) => hostKeys.map(({ publicLine }) => `[${address}]:${port} ${publicLine}\n`)).join(''),
  );
  const options = {
    Port: port,
    User: rig.user.name,
    IdentityFile: key,
    UserKnownHostsFile: known,
    StrictHostKeyChecking: 'yes',
    LogLevel: 'ERROR',
  };
  const ssh = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const list = file('hosts', addresses.join('\n'));
  const inventory = file(
    'inventory',
    `[all]\n${addresses.join('\n')}\n[all:vars]\nansible_port=${port}\nansible_user=${rig.user.name}\nansible_python_interpreter=/usr/bin/python3\n`,
  );
  const config = file(
    'ansible.cfg',
    `[defaults]\nforks=${parallel}\nprivate_key_file=${key}\nhost_key_checking=True\n[ssh_connection]\nssh_args=-o UserKnownHostsFile=${known} -o ControlMaster=auto -o ControlPersist=60s\ncontrol_path_dir=${workspace.dir}/cp\n`,
  );
  mkdirSync(join(workspace.dir, 'cp'), { mode: 0o700 });
  process.env.ANSIBLE_CONFIG = config;
  const ansible = ['ansible', 'all', '-i', inventory, '-f', String(parallel), '-o'];
  const commands: [string, string[]][] = [
    ['clush', ['clush', '-f', String(parallel), '--hostfile', list, '-o', ssh.join(' '), '-b', body.trim()]],
    [
      'parallel-ssh',
      [
        'parallel-ssh',
        '-h',
        list,
        '-p',
        String(parallel),
        '-i',
        ...ssh.flatMap((word, i) => (i % 2 ? ['-O', word] : [])),
        body.trim(),
      ],
    ],
    ['ansible -m raw', [...ansible, '-m', 'raw', '-a', body.trim()]],
    ['ansible -m command', [...ansible, '-m', 'command', '-a', body.trim()]],
  ];
  return { folder: workspace.dir, commands, remove: () => workspace.remove() };
}

async function runTool(name: string, [command = '', ...args]: string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output.slice(-2000)}`);
}

/** Debian packages of the tools that this compares with. */
export const toolPackages = ['clustershell', 'pssh', 'ansible-core'];

export function toolVersions(): Record<string, string> {
  const first = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0]?.trim() ?? '';
  return {
    clush: first('clush', '--version'),
    'parallel-ssh': first('parallel-ssh', '--version'),
    ansible: first('ansible', '--version'),
  };
}
