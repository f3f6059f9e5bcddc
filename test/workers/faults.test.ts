import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { finalHostStates, type HostRun } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCuttingProxy } from '../lab/cuttingProxy.ts';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import { finished, hostsOf, outputOf, start } from '../runs/rig.ts';
import { executions, startWorkerRig, type WorkerRig } from './workerRig.ts';

/** How long a worker that is silent keeps its hosts, here; and what the requirement leaves for finding out. */
const leaseSeconds = 5;
const lostWithinMs = 15_000;

describe.skipIf(!has('sshd', 'useradd'))('when a zone worker fails', () => {
  let rig: WorkerRig;
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = createWorkspace('faults', 0o777);
    rig = await startWorkerRig({
      hosts: 16,
      server: { env: { OM_LEASE_SECONDS: String(leaseSeconds) } },
    });
  }, 120_000);
  afterAll(async () => {
    await rig?.stop();
    workspace?.remove();
  });

  function journal(name: string): { folder: string; go(): void } {
    const folder = join(workspace.dir, name);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    return { folder, go: () => writeFileSync(join(folder, 'go'), '') };
  }

  const states = async (runId: string) => (await hostsOf(rig.client, runId)).map(({ state }) => state);
  const hold = (selector: string, folder: string, parallel: number) =>
    start(rig.client, { module: 'zone.hold', selector, params: { folder, seconds: 120 }, parallel });

  it('two share a run; what one ran when it was killed is lost, and the other asks the hosts for the true results', async () => {
    await rig.zone('two', 8);
    const { folder, go } = journal('killed');
    const [first, second] = [
      await rig.worker('two-1', 'two', { concurrency: 4 }),
      await rig.worker('two-2', 'two', { concurrency: 4 }),
    ];
    const { id } = await hold('zone:two', folder, 8);
    await waitFor('all are running', () => executions(folder).size === 8, 30_000);
    const { items } = await rig.client.call('workers.list', {});
    expect(items.map(({ name, hosts }) => [name, hosts])).toEqual([
      ['two-1', 4],
      ['two-2', 4],
    ]);

    const killedAt = performance.now();
    await first.kill9();
    await waitFor(
      'its four are lost',
      async () => (await states(id)).filter((s) => s === 'lost').length === 4,
      lostWithinMs,
    );
    expect(performance.now() - killedAt).toBeLessThan(lostWithinMs);
    go();
    // The other worker asks the hosts, which went on: their true results.
    const done = await told(id);
    expect(done).toHaveLength(8);
    for (const host of done) expect(host).toMatchObject({ attempt: 1, state: 'failed', exitCode: 7 });
    for (const lines of executions(folder).values()) expect(lines).toEqual(['1']);
    await second.stop();
  });

  it('what it was connecting to goes to another of the zone, and runs once', async () => {
    await rig.zone('late', 2);
    // Nobody answers there: the worker stays connecting.
    await rig.client.call('hosts.update', { name: 'late-1', changes: { address: '127.99.99.1', port: 1 } });
    const { folder, go } = journal('connecting');
    const first = await rig.worker('late-a', 'late');
    const silent = createServer(() => {}).listen(0, '127.99.99.1');
    try {
      await waitFor('it listens', () => silent.listening);
      const address = silent.address();
      if (address === null || typeof address === 'string') throw new Error('it has no port');
      await rig.client.call('hosts.update', { name: 'late-1', changes: { port: address.port } });
      const { id } = await hold('late-1', folder, 1);
      await waitFor('it is connecting', async () => (await states(id))[0] === 'connecting');
      await first.kill9();
      const second = await rig.worker('late-b', 'late');
      await waitFor(
        'the other worker has it',
        async () =>
          (await rig.client.call('workers.list', {})).items.find(({ name }) => name === 'late-b')?.hosts === 1,
        lostWithinMs,
      );
      go();
      await rig.client.call('runs.abort', { runId: id, graceMs: 0 });
      expect(await finished(rig.client, id)).toMatchObject({ counts: { not_started: 1 } });
      await second.stop();
    } finally {
      silent.close();
    }
  });

  it('cut off from the server while its SSH links live, it starts nothing new; late results are evidence, and the hosts tell the truth', async () => {
    await rig.zone('cut', 4);
    const { folder, go } = journal('cut');
    const proxy = await startCuttingProxy(rig.server.port);
    let port = proxy.port;
    const worker = await rig.worker('cut-1', 'cut', { concurrency: 4, ports: [port] });
    const { id } = await hold('zone:cut', folder, 2);
    await waitFor('two are running', () => executions(folder).size === 2);
    // The connection breaks, and no new one can be made.
    proxy.arm({ afterMs: 0 });
    await proxy.stop();
    await waitFor(
      'both are lost',
      async () => (await states(id)).filter((s) => s === 'lost').length === 2,
      lostWithinMs,
    );
    go();
    await waitFor(
      'the scripts have ended under the eyes of the worker',
      () => rig.user.processes().every(({ command }) => !command.includes(folder)),
      20_000,
    );
    expect(executions(folder).size).toBe(2);
    expect((await hostsOf(rig.client, id)).map(({ state }) => state).sort()).toEqual([
      'lost',
      'lost',
      'pending',
      'pending',
    ]);

    const back = await startCuttingProxy(rig.server.port, port);
    port = back.port;
    const done = await told(id);
    for (const host of done) expect(host).toMatchObject({ attempt: 1, state: 'failed', exitCode: 7 });
    for (const lines of executions(folder).values()) expect(lines).toEqual(['1']);
    const late = await Promise.all(
      done.map(async ({ ordinal }) => (await rig.client.call('runs.attempts', { runId: id, ordinal })).late),
    );
    expect(late.flat()).toMatchObject([
      { attempt: 1, state: 'failed', exitCode: 7 },
      { attempt: 1, state: 'failed', exitCode: 7 },
    ]);
    await worker.stop();
    await back.stop();
  });

  it('cut off again and again for a moment, nothing is lost, done twice or shown twice', async () => {
    await rig.zone('often', 2);
    const proxy = await startCuttingProxy(rig.server.port);
    const worker = await rig.worker('often-1', 'often', { ports: [proxy.port] });
    const { folder } = journal('often');
    for (let round = 1; round <= 8; round++) {
      const params = { folder, seconds: 0 };
      // Somewhere in the messages of a claim, a begin or a report, on their way or on the way of the answer.
      proxy.arm({ direction: round % 2 === 0 ? 'up' : 'down', bytes: round * 300 });
      const { id } = await start(rig.client, { module: 'zone.hold', selector: 'zone:often', params });
      const hosts = await told(id);
      expect(hosts).toMatchObject(Array(2).fill({ attempt: 1, state: 'failed', exitCode: 7 }));
      for (const { ordinal } of hosts) {
        expect((await outputOf(rig.client, id, ordinal)).toString()).toBe('begun\nover\n');
        expect((await rig.client.call('runs.attempts', { runId: id, ordinal })).late).toEqual([]);
      }
    }
    expect(proxy.cuts).toBeGreaterThan(5);
    for (const lines of executions(folder).values()) expect(lines).toEqual(Array(8).fill('1'));
    await worker.stop();
    await proxy.stop();
  }, 240_000);

  /** The hosts of a run when none is lost or under way any more. */
  const told = (runId: string): Promise<HostRun[]> =>
    waitFor(
      'every host has its result',
      async () => {
        const hosts = await hostsOf(rig.client, runId);
        return hosts.some(({ state }) => !finalHostStates.has(state) || state === 'lost') ? undefined : hosts;
      },
      60_000,
    );
});
