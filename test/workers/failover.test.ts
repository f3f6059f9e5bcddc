import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from '../lab/cuttingProxy.ts';
import { has } from '../lab/have.ts';
import { startMariadb } from '../lab/mariadb.ts';
import { freePort } from '../lab/ports.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import type { LabWorker } from '../lab/zoneWorker.ts';
import { finished, hostsOf, moduleFolder, runOn, start } from '../runs/rig.ts';
import { executions, startWorkerRig, type WorkerRig, zoneModules } from './workerRig.ts';

describe.skipIf(!has('sshd', 'useradd', 'mariadb'))('a worker with two API processes to turn to', () => {
  const stack = new AsyncDisposableStack();
  let rig: WorkerRig;
  let second: TestServer;
  /** Between the first API process and the database. */
  let road: CuttingProxy;
  let worker: LabWorker;
  let metricsPort: number;
  let workspace: Workspace;
  let databasePort: number;

  beforeAll(async () => {
    const mariadb = await startMariadb();
    stack.defer(() => mariadb.stop());
    const database = await mariadb.createDatabase();
    databasePort = Number(new URL(database).port);
    road = await startCuttingProxy(databasePort);
    stack.defer(() => road.stop());
    const byProxy = Object.assign(new URL(database), { port: String(road.port) }).href;
    const server = { database: byProxy, args: ['--no-worker'] };
    rig = await startWorkerRig({ hosts: 3, server });
    stack.defer(() => rig.stop());
    workspace = createWorkspace('second', 0o777);
    stack.defer(() => workspace.remove());
    const dataDir = join(workspace.dir, 'data');
    cpSync(rig.server.dataDir, dataDir, { recursive: true });
    const env = { OM_MODULE_DIR: moduleFolder(workspace.dir, zoneModules) };
    second = await startServer({ database, dataDir, env, args: ['--no-worker'] });
    stack.defer(() => second.stop());
    await rig.zone('hk', 3);
    metricsPort = await freePort();
    worker = await rig.worker('hk-1', 'hk', {
      ports: [rig.server.port, second.port],
      env: { OM_WORKER_METRICS_PORT: String(metricsPort) },
    });
  }, 120_000);
  afterAll(() => stack.disposeAsync());

  const metric = async (name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  it('closes the connections of a credential that was replaced, and goes on with the new one', async () => {
    expect((await runOn(rig.client, { module: 'zone.who', selector: 'zone:hk' })).run.state).toBe('succeeded');
    expect(await metric('om_ssh_connections')).toBe(3);
    expect(await metric('om_worker_connected')).toBe(1);
    const secret = { kind: 'key' as const, privateKey: rig.key.privateKey };
    await rig.client.call('credentials.replace', { name: 'lab', secret });
    await waitFor('its connections are closed', async () => (await metric('om_ssh_connections')) === 0, 5000);
    expect((await runOn(rig.client, { module: 'zone.who', selector: 'zone:hk' })).run.state).toBe('succeeded');
  });

  it('a process that reaches no server itself leaves those of other zones alone', async () => {
    const { id } = await start(rig.client, { module: 'zone.who', selector: 'h-001' });
    // Twice the sweep.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(await hostsOf(rig.client, id)).toMatchObject([{ state: 'pending' }]);
    await rig.client.call('runs.stop', { runId: id });
  });

  /** Holds two hosts running, lets something happen, and wants every host run once and none lost. */
  async function losesNothing(name: string, happens: () => Promise<void>, port: number): Promise<void> {
    const folder = join(workspace.dir, name);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const asked = { module: 'zone.hold', selector: 'zone:hk', params: { folder }, parallel: 2 };
    const client = rig.admin.connect(port);
    const { id } = await start(client, asked);
    await waitFor('two are running', () => executions(folder).size === 2);
    await happens();
    writeFileSync(join(folder, 'go'), '');
    expect(await finished(client, id)).toMatchObject({ state: 'failed', counts: { failed: 3, lost: 0 } });
    expect(await hostsOf(client, id)).toMatchObject(Array(3).fill({ attempt: 1, exitCode: 7 }));
    for (const lines of executions(folder).values()) expect(lines).toEqual(['1']);
    client.close();
  }

  it('turns to the other one when its own has lost the database, and loses nothing', async () => {
    const before = worker.logs().length;
    const cutOff = async () => {
      await road.stop();
      await waitFor('it is with the other one', () => worker.logs().slice(before).includes(`:${second.port}/`));
    };
    await losesNothing('database', cutOff, second.port);
    road = await startCuttingProxy(databasePort, road.port);
  });

  it('turns to the first again when the other one is killed, and loses nothing', async () => {
    const before = worker.logs().length;
    const kill = async () => {
      await second.kill9();
      await waitFor('it is with the first', () => worker.logs().slice(before).includes(`:${rig.server.port}/`));
    };
    await losesNothing('killed', kill, rig.server.port);
  });

  it('stops at once when it is told twice', async () => {
    const { client } = rig;
    const params = { folder: '/tmp', seconds: 60 };
    const { id } = await start(client, { module: 'zone.hold', selector: 'hk-1', params });
    await waitFor('it runs', async () => (await hostsOf(client, id))[0]?.state === 'running');
    process.kill(worker.pid, 'SIGTERM');
    await waitFor('it is stopping', () => worker.logs().includes('stopping: no new work'));
    expect(await worker.terminate()).toBe(143);
    await client.call('runs.abort', { runId: id, graceMs: 0 });
  });
});
