import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { createUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import type { LabWorker } from '../lab/zoneWorker.ts';
import { addHosts, finished, hostsOf, outputOf, runOn, start } from '../runs/rig.ts';
import { executions, startWorkerRig, type WorkerRig } from './workerRig.ts';

describe.skipIf(!has('sshd', 'useradd', 'sudo'))('a zone that only a worker reaches', () => {
  let rig: WorkerRig;
  let worker: LabWorker;
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = createWorkspace('zone', 0o777);
    rig = await startWorkerRig({
      hosts: 6,
      user: { sudo: 'password' },
      sudoPassword: true,
    });
    await rig.zone('hk', 3);
    worker = await rig.worker('hk-1', 'hk', { concurrency: 8 });
  }, 120_000);
  afterAll(async () => {
    await rig?.stop();
    workspace?.remove();
  });

  const text = async (runId: string, ordinal = 0) => (await outputOf(rig.client, runId, ordinal)).toString();

  /** A folder where hosts write down what they execute. */
  function journal(name: string): string {
    const folder = join(workspace.dir, name);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    return folder;
  }

  it('runs its servers through the worker, which signs in with the vault’s key', async () => {
    const { run, hosts } = await runOn(rig.client, { module: 'zone.who', selector: 'zone:hk' });
    expect(run).toMatchObject({ state: 'succeeded', counts: { ok: 3 } });
    for (const { ordinal, name } of hosts) expect(await text(run.id, ordinal)).toBe(`${rig.user.name}\n${name}\n`);
  });

  it('runs as root with the credential’s sudo password', async () => {
    const { run } = await runOn(rig.client, { module: 'zone.root', selector: 'hk-1' });
    expect(run.state).toBe('succeeded');
    expect(await text(run.id)).toBe('root\n');
  });

  it('signs in with a password', async () => {
    const user = await createUser();
    try {
      await rig.client.call('credentials.add', { name: 'pw', secret: { kind: 'password', password: user.password } });
      const place = { address: rig.sshd.address, port: rig.sshd.port, zone: 'hk', credential: 'pw' };
      await addHosts(rig.client, [{ name: 'hk-password', user: user.name, ...place }]);
      const { run } = await runOn(rig.client, { module: 'zone.who', selector: 'hk-password' });
      expect([run.state, await text(run.id)]).toEqual(['succeeded', `${user.name}\nhk-password\n`]);
    } finally {
      await user.remove();
    }
  });

  it('masks a secret in the output, as the server does', async () => {
    const params = { secret: 'hunter2-hunter2' };
    const { run } = await runOn(rig.client, { module: 'zone.secret', selector: 'hk-1', params });
    expect(await text(run.id)).toBe('it is ••••\n');
  });

  it('brings a file of several megabytes, whole', async () => {
    const content = randomBytes(5_500_000);
    const files = { blob: { name: 'blob.bin', data: content.toString('base64') } };
    const { run } = await runOn(rig.client, { module: 'zone.file', selector: 'hk-1,hk-2', files });
    expect(run.counts).toMatchObject({ ok: 2 });
    const sum = createHash('sha256').update(content).digest('hex');
    for (const ordinal of [0, 1]) expect(await text(run.id, ordinal)).toBe(`${sum}  -\n${content.length}\n`);
  });

  it('is told of an abort while it waits for nothing else', async () => {
    const folder = journal('abort');
    const { id } = await start(rig.client, { module: 'zone.hold', selector: 'hk-1', params: { folder } });
    await waitFor('the script runs', () => executions(folder).size === 1);
    const began = performance.now();
    await rig.client.call('runs.abort', { runId: id, graceMs: 1000 });
    expect((await finished(rig.client, id)).counts).toMatchObject({ aborted: 1 });
    // The host's own script would have held for a minute.
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(await hostsOf(rig.client, id)).toMatchObject([{ state: 'aborted', survivors: [] }]);
  });

  it('keeps a key that a server shows for the first time, for somebody to say yes', async () => {
    await rig.client.call('zones.save', { zone: { name: 'hk', hostKeyPolicy: 'ask', reach: 'worker' } });
    const address = rig.sshd.addresses[3] ?? '';
    const place = { address, port: rig.sshd.port, user: rig.user.name, zone: 'hk', credential: 'lab' };
    await addHosts(rig.client, [{ name: 'hk-new', ...place }]);
    const { hosts } = await runOn(rig.client, { module: 'zone.who', selector: 'hk-new' });
    expect(hosts).toMatchObject([{ state: 'unreachable', reason: 'host_key_unknown' }]);
    const { items } = await rig.client.call('hostKeys.list', { host: 'hk-new' });
    expect(items).toMatchObject([
      { state: 'pending', changed: false, key: rig.sshd.hostKeys[0]?.publicLine.split(' ')[1] },
    ]);
    await rig.client.call('hostKeys.trust', { ids: items.map(({ id }) => id) });
    const { run } = await runOn(rig.client, { module: 'zone.who', selector: 'hk-new' });
    expect(run.state).toBe('succeeded');
  });

  it('goes by way of a jump host, and never pins the key of one that belongs to another zone', async () => {
    const [, , , , jumpAddress = '', innerAddress = ''] = rig.sshd.addresses;
    const place = { port: rig.sshd.port, user: rig.user.name, credential: 'lab' };
    const outside = { ...place, name: 'jump', address: jumpAddress, zone: 'outside' };
    await rig.client.call('zones.save', { zone: { name: 'outside', hostKeyPolicy: 'accept' } });
    await addHosts(rig.client, [outside]);
    const inner = { name: 'inner', hostKeyPolicy: 'accept' as const, jumpHosts: ['jump'], reach: 'worker' as const };
    await rig.client.call('zones.save', { zone: inner });
    await addHosts(rig.client, [{ ...place, name: 'inner-1', address: innerAddress, zone: 'inner' }]);
    const far = await rig.worker('inner-w', 'inner');
    const first = await runOn(rig.client, { module: 'zone.who', selector: 'inner-1' });
    expect(first.hosts).toMatchObject([{ state: 'unreachable', reason: 'jump_failed' }]);
    const { items } = await rig.client.call('hostKeys.list', { host: 'jump' });
    expect(items).toMatchObject([{ state: 'pending', zone: 'outside' }]);
    await rig.client.call('hostKeys.trust', { ids: items.map(({ id }) => id) });
    const { run } = await runOn(rig.client, { module: 'zone.who', selector: 'inner-1' });
    expect([run.state, await text(run.id)]).toEqual(['succeeded', `${rig.user.name}\ninner-1\n`]);
    const trusted = await rig.client.call('hostKeys.list', { host: 'inner-1' });
    expect(trusted.items).toMatchObject([{ state: 'trusted', decidedBy: 'zone policy' }]);
    expect(await far.terminate()).toBe(0);
  });

  it('stands in the list with what it does, and for the server there is nobody else', async () => {
    const folder = journal('list');
    const { id } = await start(rig.client, { module: 'zone.hold', selector: 'hk-1', params: { folder } });
    await waitFor('the script runs', () => executions(folder).size === 1);
    const { items } = await rig.client.call('workers.list', {});
    expect(items.find(({ name }) => name === 'hk-1')).toMatchObject({
      ...{ zone: 'hk', state: 'connected', hosts: 1, addedBy: 'admin' },
    });
    await rig.client.call('runs.abort', { runId: id, graceMs: 0 });
    await finished(rig.client, id);
  });

  it('has its own key on its disk and nothing else', () => {
    expect(readdirSync(worker.dataDir)).toEqual(['worker.key']);
    expect(readFileSync(join(worker.dataDir, 'worker.key'), 'utf8')).toMatch(/^om-worker-key-1 \S{43} \S{43}\n$/);
    expect(worker.logs()).not.toContain(rig.user.password);
  });

  it('stops when it is told to: what runs is finished, the rest is left to others', async () => {
    const folder = journal('stop');
    const params = { folder, seconds: 3 };
    const { id } = await start(rig.client, { module: 'zone.hold', selector: 'hk-1', params });
    await waitFor('the script runs', () => executions(folder).size === 1);
    expect(await worker.terminate()).toBe(0);
    expect(await hostsOf(rig.client, id)).toMatchObject([{ state: 'failed', exitCode: 7 }]);
  });

  it('waits where there is no worker, and goes on when one comes', async () => {
    const { id } = await start(rig.client, { module: 'zone.who', selector: 'hk-1' });
    const other = await rig.worker('hk-2', 'hk');
    expect((await finished(rig.client, id)).state).toBe('succeeded');
    expect(await other.terminate()).toBe(0);
  });
});
