import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finalHostStates, finalRunStates, type HostRun, type Run } from '@omanager/contract';
import { expect } from 'vitest';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { type Mariadb, startMariadb } from '../lab/mariadb.ts';
import { type ServerOptions, startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { hostsOf, type Rig, startRig } from '../runs/rig.ts';

export const leaseSeconds = 3;

// One line an execution, written at once; the sleep is what a kill finds running.
const appends = `id: test.append
title: { en: Append a line, zh: 追加一行 }
risk: read
shell: |
  echo "$OM_RUN $OM_HOST $OM_ATTEMPT" >>"$HOME/lines/$OM_HOST"
  sleep 0.6
`;

export interface KillRig extends Rig {
  /** How often each attempt was executed on a host: `run host attempt` → lines. */
  executions(): Map<string, number>;
  /** Scripts of the module that are alive on the hosts at this moment. */
  alive(): number;
  /** Asked while the server is dead: hosts that its last process had committed as running. */
  leftRunning(): Promise<number>;
  /** Null on SQLite. */
  mariadb: Mariadb | null;
  /** Another process of the same server: the same keys, the same database. MariaDB only. */
  startSecond(): Promise<TestServer>;
}

/** Hosts of a real sshd, and a server that knows a module which leaves a trace of every execution. */
export async function startKillRig(database: 'SQLite' | 'MariaDB', hosts: number): Promise<KillRig> {
  await using stack = new AsyncDisposableStack();
  const modules = createWorkspace('modules');
  stack.defer(() => modules.remove());
  writeFileSync(join(modules.dir, 'append.yaml'), appends);
  const mariadb = database === 'MariaDB' ? await startMariadb() : undefined;
  if (mariadb) stack.defer(() => mariadb.stop());
  const url = await mariadb?.createDatabase();
  const options: ServerOptions = {
    env: { OM_MODULE_DIR: modules.dir, OM_LEASE_SECONDS: String(leaseSeconds) },
    ...(url === undefined ? {} : { database: url }),
  };
  const rig = await startRig({ hosts, server: options });
  stack.defer(() => rig.stop());
  const owners = new Set<string>();
  const lines = join(rig.user.home, 'lines');
  mkdirSync(lines);
  chmodSync(lines, 0o777);
  const kept = stack.move();
  return {
    ...rig,
    executions() {
      const counts = new Map<string, number>();
      for (const file of readdirSync(lines)) {
        for (const line of readFileSync(join(lines, file), 'utf8').trimEnd().split('\n'))
          counts.set(line, (counts.get(line) ?? 0) + 1);
      }
      return counts;
    },
    alive: () => rig.user.processes().filter(({ command }) => command === 'sleep 0.6').length,
    async leftRunning() {
      const file = join(rig.server.dataDir, 'omserver.db');
      const db = openDatabase(url === undefined ? { kind: 'sqlite', file } : { kind: 'mysql', url, verifyTls: false });
      try {
        const rows: { lease_owner: string }[] = await db.knex('run_hosts').where({ state: 'running' });
        // On MariaDB the leases of an earlier process may not have ended yet.
        const left = rows.filter(({ lease_owner }) => !owners.has(lease_owner));
        for (const { lease_owner } of left) owners.add(lease_owner);
        return left.length;
      } finally {
        await db.close();
      }
    },
    mariadb: mariadb ?? null,
    async startSecond() {
      const dataDir = join(modules.dir, 'second');
      cpSync(rig.server.dataDir, dataDir, { recursive: true });
      const second = await startServer({ ...options, dataDir });
      kept.defer(() => second.stop());
      return second;
    },
    stop: () => kept.disposeAsync(),
  };
}

/** What a client of the run was shown, across all cuts. */
export interface Shown {
  /** The last state of the run that was shown. */
  readonly run: Run | undefined;
  /** Results (final states) by `host attempt`. */
  readonly results: ReadonlyMap<string, HostRun>;
  /** Hosts that run now, as far as was shown. */
  running(): number;
  /** Ends when the run has; follow again after a retry. */
  follow(): Promise<void>;
}

export function watchRun({ client }: Pick<Rig, 'client'>, runId: string): Shown {
  const now = new Map<number, HostRun>();
  const results = new Map<string, HostRun>();
  let run: Run | undefined;
  return {
    get run() {
      return run;
    },
    results,
    running: () => [...now.values()].filter(({ state }) => state === 'running').length,
    async follow() {
      const after = run?.revision ?? 0;
      run = undefined;
      for await (const event of client.stream('runs.watch', { runId, after })) {
        run = event.run;
        for (const host of event.hosts) {
          now.set(host.ordinal, host);
          if (!finalHostStates.has(host.state)) continue;
          const key = `${host.name} ${host.attempt}`;
          const before = results.get(key);
          // A probe has told what became of it.
          if (before && before.state !== host.state && before.state !== 'lost')
            throw new Error(`${key} was shown as ${before.state} and then as ${host.state}`);
          results.set(key, host);
        }
        if (finalRunStates.has(run.state)) return;
      }
    },
  };
}

/**
 * Compares what was shown, and what was executed, with what is stored. Returns how many attempts of the run were lost,
 * those included of which a probe has told the end since.
 */
export async function verify(rig: Pick<KillRig, 'client' | 'executions'>, { run, results }: Shown): Promise<number> {
  if (!run) throw new Error('no state was shown');
  const executions = rig.executions();
  for (const [line, times] of executions) expect(times, `executions of ${line}`).toBe(1);
  const asked = Array.from({ length: run.total }, (_, ordinal) =>
    rig.client.call('runs.attempts', { runId: run.id, ordinal }),
  );
  const stored = (await Promise.all(asked)).flatMap(({ items }) => items);
  const byAttempt = new Map(stored.map((host) => [`${host.name} ${host.attempt}`, host]));
  // The watch was shown every end that there is, and the store still says the same; of lost ones it may know more by now.
  const lost = (host: HostRun | undefined) => host?.state === 'lost';
  for (const [key, host] of results) if (!lost(host)) expect(byAttempt.get(key), key).toEqual(host);
  for (const [key, host] of byAttempt) {
    if (!lost(results.get(key))) expect(results.get(key), key).toEqual(host);
    // A retry does not run again what a lost attempt has finished on its host.
    const [, earlier = host.attempt] = /^Attempt (\d+) had finished/.exec(host.message ?? '') ?? [];
    const executed = executions.has(`${run.id} ${host.name} ${earlier}`);
    if (host.state === 'ok') expect(executed, `${key} is ok and was executed`).toBe(true);
    else expect(host).toMatchObject({ state: 'lost' });
  }
  return stored.filter((host) => lost(host) || /^The server says that the script ended/.test(host.message ?? ''))
    .length;
}

/** Waits until every lost host was asked, and retries what is still not ok. False when all are. */
export async function retryRest({ client }: Pick<Rig, 'client'>, runId: string): Promise<boolean> {
  await waitFor(
    'lost hosts were asked',
    async () => (await hostsOf(client, runId)).every(({ state, probeAt }) => state !== 'lost' || probeAt === null),
    60_000,
    200,
  );
  const { counts, total } = await client.call('runs.get', { runId });
  if (counts.ok === total) return false;
  await client.call('runs.retry', { runId });
  return true;
}

/** Waits for work that has no deadline of its own. */
export async function within<T>(what: string, work: Promise<T>, deadlineMs = 30_000): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Waited ${deadlineMs} ms in vain: ${what}`)), deadlineMs);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
