import type { Client } from '@omanager/client';
import { v7 as uuid } from 'uuid';
import { hostsOf } from '../runs/rig.ts';
import { type BareLoop, startBareLoop } from './bareProcess.ts';
import { printRatio, timed } from './figures.ts';
import { cpuSeconds, forgetPeak, memoryMiB } from './processFigures.ts';
import { type ScaleRig, startScaleRig } from './scaleRig.ts';
import type { Watched } from './scaleWatcher.ts';
import { startWatchers, type Watchers } from './scaleWatchers.ts';
import { digestOf } from './stateDigest.ts';

export interface ScaleOptions {
  hosts: number;
  watchers: number;
  rounds: number;
  parallel: number;
  /** NODE_OPTIONS of the server, such as --cpu-prof. */
  nodeOptions?: string | undefined;
  /** Without the bare loop, while looking for where the time goes. */
  alone?: boolean | undefined;
}

interface Measured {
  name: string;
  /** From `runs.start` to the last state in the hands of the last client. */
  ms: number;
  planMs: number;
  startMs: number;
  cpu: number;
  peak: number;
  /** The longest that another operator's call took meanwhile. */
  slowestCall: number;
  watched: Watched[];
  complete: boolean;
}

const module = 'system.uptime';
const output = ' 10:00:00 up 12 days,  3:04,  0 users,  load average: 0.08, 0.02, 0.01\n';

/**
 * One run over a simulated fleet in processes of its own, through one real OMServer on SQLite, followed by one client and
 * by many, each in a process of its own; beside a bare ssh2 loop on the same hosts. Everything shares this machine.
 */
export async function benchScale(options: ScaleOptions): Promise<void> {
  const { hosts, watchers: many, parallel, rounds } = options;
  await using stack = new AsyncDisposableStack();
  const rig = await startScaleRig({
    hosts,
    behaviour: { output },
    env: {
      OM_SSH_CONNECTIONS: String(hosts),
      OM_CONCURRENCY: String(parallel),
      ...(options.nodeOptions ? { NODE_OPTIONS: options.nodeOptions } : {}),
    },
  });
  stack.defer(() => rig.stop());
  console.log(`\n${hosts} simulated hosts, ${parallel} at a time, ${rounds} rounds`);
  const { preview, apply, hostKeys } = rig.took;
  console.log(`import: preview ${ms(preview)}, apply ${ms(apply)}, host keys ${ms(hostKeys)}`);

  const one = await startWatchers(1, rig.admin, rig.server.port);
  stack.defer(() => one.stop());
  const measured: Measured[] = [];
  const measure = async (name: string, watchers: Watchers) => {
    measured.push(await measureRun(rig, name, watchers, parallel));
    printRun(measured.at(-1));
  };
  await measure('cold, 1 client', one);
  const twenty = await startWatchers(many, rig.admin, rig.server.port);
  stack.defer(() => twenty.stop());
  // Not counted: the clients' code is cold, as that of the one was in the first run.
  await measure(`${many} clients for the first time`, twenty);
  const bare = options.alone ? undefined : startBare(rig, parallel);
  if (bare) stack.defer(() => bare.stop());
  const bareCold = bare ? await measureBare('bare ssh2 loop, cold', bare, 'cold') : Number.NaN;
  const bareWarm: number[] = [];
  // One after the other in each round, so that all of them meet the same machine.
  for (let i = 0; i < rounds; i++) {
    await measure('warm, 1 client', one);
    if (bare) bareWarm.push(await measureBare('bare ssh2 loop, warm', bare, 'warm'));
    await measure(`warm, ${many} clients`, twenty);
  }
  const idle = memoryMiB(rig.server.pid).now;
  if (!bare) return;

  const best = (name: string) => median(measured.filter((run) => run.name === name).map((run) => run.ms));
  const [warm, twentyWarm] = [best('warm, 1 client'), best(`warm, ${many} clients`)];
  console.log(`\nserver memory at rest with ${hosts} connections: ${idle.toFixed(0)} MiB`);
  ratio('OManager warm / bare loop warm', warm / median(bareWarm), '≤ 2', (r) => r <= 2);
  ratio('OManager cold / bare loop cold', best('cold, 1 client') / bareCold, 'shown, no aim', () => true);
  const peak = Math.max(...measured.map((run) => run.peak));
  ratio('server memory, most at any time, MiB', peak, '≤ 512', (r) => r <= 512);
  ratio(`${many} clients / 1 client`, twentyWarm / warm, '≤ 1.5', (r) => r <= 1.5);
  const incomplete = measured.filter((run) => !run.complete).length;
  ratio('runs of which a client missed a final state', incomplete, '0', (r) => r === 0);
}

async function measureRun(rig: ScaleRig, name: string, watchers: Watchers, parallel: number): Promise<Measured> {
  const { client, server } = rig;
  let planId = '';
  let digest = '';
  const planMs = await timed(async () => {
    const plan = await client.call('runs.plan', { module, selector: '*', parallel });
    [planId, digest] = [plan.id, plan.digest];
  });
  const runId = uuid();
  forgetPeak(server.pid);
  const cpu = cpuSeconds(server.pid);
  using calls = callEvery100Ms(client);
  let watched: Watched[] = [];
  let startMs = 0;
  const took = await timed(async () => {
    startMs = await timed(() => client.call('runs.start', { planId, digest, runId }));
    watched = await watchers.watch(runId);
  });
  const slowestCall = calls.slowest();
  const used = cpuSeconds(server.pid) - cpu;
  const { peak } = memoryMiB(server.pid);
  const truth = await hostsOf(client, runId);
  const notOk = truth.filter(({ state }) => state !== 'ok');
  if (notOk.length > 0) throw new Error(`${notOk.length} hosts were not ok: ${JSON.stringify(notOk[0])}`);
  const complete = watched.every((one) => one.digest === digestOf(truth));
  return { name, ms: took, planMs, startMs, cpu: used, peak, slowestCall, watched, complete };
}

function startBare({ fleet }: ScaleRig, parallel: number): BareLoop {
  return startBareLoop({
    addresses: fleet.hosts.map(({ address }) => address),
    port: fleet.hosts[0]?.port ?? 0,
    username: fleet.username,
    privateKey: fleet.userKey.privateKey,
    parallel,
    source: 'uptime\n',
  });
}

function callEvery100Ms(client: Client) {
  let slowest = 0;
  const timer = setInterval(async () => {
    const took = await timed(() => client.call('runs.list', { limit: 1 }));
    slowest = Math.max(slowest, took);
  }, 100);
  return { slowest: () => slowest, [Symbol.dispose]: () => clearInterval(timer) };
}

async function measureBare(name: string, bare: BareLoop, how: 'cold' | 'warm'): Promise<number> {
  const before = cpuSeconds(bare.pid);
  const took = await bare.run(how);
  const { peak } = memoryMiB(bare.pid);
  console.log(
    `${name}: ${ms(took)}, CPU ${(cpuSeconds(bare.pid) - before).toFixed(1)} s, memory ${peak.toFixed(0)} MiB`,
  );
  return took;
}

function printRun(run: Measured | undefined): void {
  if (!run) return;
  const { watched } = run;
  const mean = (of: (one: Watched) => number) => watched.reduce((sum, one) => sum + of(one), 0) / watched.length;
  console.log(
    [
      `${run.name}: ${ms(run.ms)}`,
      `plan ${ms(run.planMs)}`,
      `start ${ms(run.startMs)}`,
      `server CPU ${run.cpu.toFixed(1)} s`,
      `memory ${run.peak.toFixed(0)} MiB`,
      `a call meanwhile ≤ ${ms(run.slowestCall)}`,
      `each client ${mean((one) => one.events).toFixed(0)} events, ${mean((one) => one.rows).toFixed(0)} rows, ${(mean((one) => one.bytes) / 1e6).toFixed(2)} MB`,
      run.complete ? 'every final state received' : 'FINAL STATES MISSING',
    ].join(', '),
  );
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const ratio = (what: string, value: number, aim: string, holds: (r: number) => boolean) =>
  printRatio(what, value, aim, holds(value));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
