import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@omanager/client';
import { finalHostStates, finalRunStates, type HostRun, OmError, type Run } from '@omanager/contract';
import { waitFor } from '../lab/wait.ts';
import { hostsOf, start } from '../runs/rig.ts';
import type { Installation } from './installation.ts';
import type { Victim } from './victims.ts';

export interface RoundResult {
  victim: string;
  /** Scripts that were alive on the hosts, and hosts that the store called running, when it was killed. */
  alive: number;
  running: number;
  lost: number;
  probed: number;
  retried: number;
  violations: string[];
}

const runDeadlineMs = 180_000;

/**
 * One run over all hosts with a kill in its middle; then lost hosts are probed and what is not ok is retried until all
 * is. Two clients watch, each by way of its own API process; what they were shown is compared with what is stored.
 */
export async function playRound(om: Installation, victim: Victim, hosts: number): Promise<RoundResult> {
  for (let tries = 0; tries < 5; tries++) {
    const result = await tryRound(om, victim, hosts);
    if (result) return result;
  }
  throw new Error('five runs were over before anything could be killed');
}

/** Undefined when the run was over too soon. */
async function tryRound(om: Installation, victim: Victim, hosts: number): Promise<RoundResult | undefined> {
  const violations: string[] = [];
  const [client] = om.clients;
  if (!client) throw new Error('there is no client');
  const run = await start(client, { module: 'test.append', selector: '*', parallel: Math.ceil(hosts * 0.3) });
  const shown = om.clients.map((one) => watch(one, run.id));
  const result: RoundResult = { victim: victim.name, alive: 0, running: 0, lost: 0, probed: 0, retried: 0, violations };
  try {
    const due = Math.floor(hosts * (0.1 + Math.random() * 0.5));
    const inTheMiddle = () => shown.every(({ results }) => results.size >= due);
    await waitFor('the run is in its middle', inTheMiddle, runDeadlineMs);
    await sleep(Math.random() * 300);
    const target = await waitFor(
      'hosts run that the kill will hit',
      () => aim(om, victim, client, run.id),
      runDeadlineMs,
    );
    if (target === 'over') return undefined;
    Object.assign(result, target);
    const killed = victim.kill();
    await killed;
    await victim.revive();

    await ended(client, run.id);
    result.lost = Math.max(...shown.map(({ lost }) => lost.size));
    if (victim.workerId && result.lost === 0) violations.push('no host of the killed worker became lost');
    if (victim.harmless && result.lost > 0)
      violations.push(`${result.lost} hosts became lost when only ${victim.name} was restarted`);
    result.probed = await probeLost(client, run.id);
    result.retried = await retryToTheEnd(client, run.id);
  } finally {
    for (const one of shown) one.stop();
  }
  for (const one of shown) violations.push(...(await compare(client, run, one.results)));
  for (const [line, times] of om.executions()) {
    if (line.startsWith(run.id) && times !== 1) violations.push(`executed ${times} times: ${line}`);
  }
  const executed = new Set([...om.executions().keys()].map((line) => line.split(' ')[1]));
  if (executed.size !== hosts) violations.push(`${hosts - executed.size} hosts never executed anything`);
  return result;
}

/** What a kill would hit now: scripts that are alive, and hosts that the store says are running (of that worker). */
async function aim(om: Installation, { workerId }: Victim, client: Client, runId: string) {
  const running = await om.running(workerId);
  const alive = om.alive();
  if (running > 0 && alive > 0) return { running, alive };
  const run = await client.call('runs.get', { runId });
  return finalRunStates.has(run.state) ? ('over' as const) : undefined;
}

async function ended(client: Client, runId: string): Promise<Run> {
  return waitFor(
    'the run ends',
    async () => {
      const run = await client.call('runs.get', { runId }).catch(() => undefined);
      return run && finalRunStates.has(run.state) ? run : undefined;
    },
    runDeadlineMs,
    200,
  );
}

/** Lost hosts are asked by the workers themselves; here somebody only waits for the answers. */
async function probeLost(client: Client, runId: string): Promise<number> {
  const lost = async () => (await hostsOf(client, runId)).filter(({ state }) => state === 'lost');
  if ((await lost()).length > 0) await client.call('runs.probe', { runId });
  await waitFor(
    'the probes have come back',
    async () => (await lost()).every((host) => host.probeAt === null),
    90_000,
    500,
  );
  const told = (await hostsOf(client, runId)).filter(({ message }) =>
    /had finished|says that the script ended/.test(message ?? ''),
  );
  return told.length;
}

async function retryToTheEnd(client: Client, runId: string): Promise<number> {
  let retried = 0;
  for (let tries = 0; tries < 10; tries++) {
    const run = await ended(client, runId);
    if (run.counts.ok === run.total) return retried;
    retried += run.total - run.counts.ok;
    await probeLost(client, runId);
    // A probe may have brought the last missing result meanwhile.
    await client.call('runs.retry', { runId }).catch((error: unknown) => {
      if (!(error instanceof OmError && error.code === 'NO_HOSTS')) throw error;
    });
  }
  throw new Error('retries never brought all hosts to ok');
}

/** Follows a run by way of one API process, across everything that happens to it. */
function watch(client: Client, runId: string) {
  const results = new Map<string, HostRun>();
  const lost = new Set<number>();
  const stopped = new AbortController();
  async function follow(): Promise<void> {
    let after = 0;
    while (!stopped.signal.aborted) {
      try {
        for await (const { hosts, revision } of client.stream(
          'runs.watch',
          { runId, after },
          { signal: stopped.signal },
        )) {
          after = revision;
          for (const host of hosts) {
            if (host.state === 'lost') lost.add(host.ordinal);
            if (finalHostStates.has(host.state)) results.set(`${host.ordinal} ${host.attempt}`, host);
          }
        }
      } catch {
        // The connection is made anew by the client itself.
      }
      await sleep(200, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }
  const following = follow();
  return {
    results,
    lost,
    stop() {
      stopped.abort();
      return following;
    },
  };
}

/** Every result that was shown is still there; a lost one may have been told apart by a probe since. */
async function compare(client: Client, run: Run, shown: ReadonlyMap<string, HostRun>): Promise<string[]> {
  const found: string[] = [];
  const stored = new Map<string, HostRun>();
  for (let ordinal = 0; ordinal < run.total; ordinal++) {
    const { items } = await client.call('runs.attempts', { runId: run.id, ordinal });
    for (const item of items) stored.set(`${ordinal} ${item.attempt}`, item);
    const last = items.at(-1);
    if (last?.state !== 'ok') found.push(`${last?.name} ended as ${last?.state}`);
  }
  for (const [key, was] of shown) {
    const is = stored.get(key);
    const same = is && is.state === was.state && is.exitCode === was.exitCode;
    if (!same && was.state !== 'lost') found.push(`${was.name} ${was.attempt}: shown as ${was.state}, is ${is?.state}`);
  }
  return found;
}
