import { createHash } from 'node:crypto';
import type { Client } from '@omanager/client';
import { v7 as uuid } from 'uuid';
import { has, isRoot } from '../lab/have.ts';
import type { TestServer } from '../lab/server.ts';
import { hostsOf, outputOf, runOn, startRig } from '../runs/rig.ts';
import { type BareTask, startBareLoop } from './bareProcess.ts';
import { printRatio } from './figures.ts';
import { cpuSeconds, forgetPeak, memoryMiB } from './processFigures.ts';
import { startScaleRig } from './scaleRig.ts';

export interface OutputOptions {
  /** Of one host, in MB; many hosts together write five times as much. */
  megabytes: number;
  /** How many write at the same time. */
  hosts: number;
  nodeOptions?: string | undefined;
}

const mb = 1_000_000;
/** OM_OUTPUT_CAP_KB by default. */
const capBytes = 4096 * 1024;
const module = { id: 'bench.flood', shell: ': simulated\n' };
const aim = 0.6;

/**
 * More output than anybody keeps: read through all of OMServer (masked, hashed, counted, cut) beside an ssh2 loop that
 * throws it away unseen. What is kept is compared with what the host says that it sent.
 */
export async function benchOutput(options: OutputOptions): Promise<void> {
  const one = options.megabytes * mb;
  await simulated(`1 simulated host, ${options.megabytes} MB`, { ...options, hosts: 1, each: one });
  const each = Math.round((one * 5) / options.hosts);
  await simulated(`${options.hosts} simulated hosts at once, ${each / mb} MB each`, { ...options, each });
  if (has('sshd') && isRoot) await real(one, options);
  else console.log('\na real sshd: not here (it needs sshd and root)');
}

interface Measured {
  seconds: number;
  cpu: number;
  rate: number;
}

async function simulated(title: string, { hosts, each, nodeOptions }: OutputOptions & { each: number }): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const rig = await startScaleRig({
    hosts,
    behaviour: { outputBytes: each, hashBytes: capBytes },
    env: nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions },
    modules: [module],
  });
  stack.defer(() => rig.stop());
  const bare = await measureBare(each * hosts, {
    addresses: rig.fleet.hosts.map(({ address }) => address),
    port: rig.fleet.hosts[0]?.port ?? 0,
    username: rig.fleet.username,
    privateKey: rig.fleet.userKey.privateKey,
    parallel: hosts,
    source: ':\n',
  });
  const ours = await measureRun(title, rig, { hosts, bytes: each * hosts });
  const sent = await rig.fleet.sent();
  const checks = ours.results.map(async (host) => {
    const said = sent[host.ordinal];
    const kept = await outputOf(rig.client, ours.runId, host.ordinal);
    const exact = kept.length === Math.min(each, capBytes) && sha256(kept) === said?.firstSha256;
    return exact && host.stdoutBytes === each && host.discardedBytes === each - kept.length;
  });
  report(bare, ours, (await Promise.all(checks)).every(Boolean));
}

/** The same from a real sshd: the host computes the hash of the first bytes itself. */
async function real(bytes: number, { nodeOptions }: OutputOptions): Promise<void> {
  const source = `seq 1 1000000000 | head -c ${bytes}\n`;
  const flood = { ...module, limits: { timeout: '30m' }, shell: source };
  const hash = `seq 1 1000000000 | head -c ${capBytes} | sha256sum\n`;
  const rig = await startRig({
    hosts: 1,
    sshd: { config: ['LogLevel ERROR'] },
    server: { env: { OM_LOG_LEVEL: 'warn', ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }) } },
    modules: [flood, { id: 'bench.hash', shell: hash }],
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rig.stop());
  const { client } = rig;
  const { run } = await runOn(client, { module: 'bench.hash', selector: '*' });
  const [said] = (await outputOf(client, run.id, 0)).toString().split(' ');
  const { addresses, port } = rig.sshd;
  const { privateKey } = rig.key;
  const bare = await measureBare(bytes, { addresses, port, username: rig.user.name, privateKey, parallel: 1, source });
  const ours = await measureRun(`a real sshd, ${bytes / mb} MB`, rig, { hosts: 1, bytes });
  const kept = await outputOf(client, ours.runId, 0);
  const [host] = ours.results;
  report(bare, ours, sha256(kept) === said && host?.stdoutBytes === bytes && host.discardedBytes === bytes - capBytes);
}

async function measureBare(bytes: number, task: BareTask): Promise<Measured> {
  const bare = startBareLoop({ ...task, discard: true });
  try {
    const seconds = (await bare.run('cold')) / 1000;
    return { seconds, rate: bytes / mb / seconds, cpu: cpuSeconds(bare.pid) };
  } finally {
    await bare.stop();
  }
}

async function measureRun(
  title: string,
  { client, server }: { client: Client; server: TestServer },
  { hosts, bytes }: { hosts: number; bytes: number },
) {
  const plan = await client.call('runs.plan', { module: module.id, selector: '*', parallel: hosts });
  const runId = uuid();
  forgetPeak(server.pid);
  const idle = memoryMiB(server.pid).now;
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(memoryMiB(server.pid).now), 50);
  const cpu = cpuSeconds(server.pid);
  const began = performance.now();
  await client.call('runs.start', { planId: plan.id, digest: plan.digest, runId });
  for await (const _ of client.stream('runs.watch', { runId, hosts: false }));
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  const at = (share: number) => samples[Math.max(0, Math.ceil(samples.length * share) - 1)] ?? Number.NaN;
  const results = await hostsOf(client, runId);
  const failed = results.find(({ state }) => state !== 'ok');
  if (failed) throw new Error(`a host was not ok: ${JSON.stringify(failed)}`);
  return {
    title,
    runId,
    results,
    seconds,
    rate: bytes / mb / seconds,
    cpu: cpuSeconds(server.pid) - cpu,
    memory: { idle, at10: at(0.1), at50: at(0.5), at100: at(1), peak: memoryMiB(server.pid).peak },
  };
}

function report(bare: Measured, ours: Awaited<ReturnType<typeof measureRun>>, exact: boolean): void {
  const { memory, results } = ours;
  const show = (mib: number) => `${mib.toFixed(0)} MiB`;
  const durations = results.map(({ durationMs }) => durationMs ?? 0);
  console.log(`\n${ours.title}`);
  console.log(
    `ssh2 loop that discards: ${bare.seconds.toFixed(1)} s, ${bare.rate.toFixed(0)} MB/s, CPU ${bare.cpu.toFixed(1)} s`,
  );
  console.log(
    `OManager: ${ours.seconds.toFixed(1)} s, ${ours.rate.toFixed(0)} MB/s, server CPU ${ours.cpu.toFixed(1)} s; hosts took ${Math.min(...durations)} to ${Math.max(...durations)} ms`,
  );
  console.log(
    `server memory: before ${show(memory.idle)}, at 10 % ${show(memory.at10)}, at 50 % ${show(memory.at50)}, at the end ${show(memory.at100)}, peak ${show(memory.peak)}`,
  );
  console.log(
    exact
      ? 'kept is exactly what the host sent first, the rest is counted'
      : 'MISSED  WHAT WAS KEPT IS NOT WHAT WAS SENT',
  );
  const ratio = ours.rate / bare.rate;
  printRatio('OManager / ssh2 loop that discards, bytes a second', ratio, `≥ ${aim}`, ratio >= aim);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
