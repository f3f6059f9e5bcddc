import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { outputOf, runOn } from '../runs/rig.ts';
import { startWorkerRig, type WorkerRig } from './workerRig.ts';

describe.skipIf(!has('sshd', 'useradd', 'sudo'))('a zone that only a worker reaches', () => {
  let rig: WorkerRig;

  beforeAll(async () => {
    rig = await startWorkerRig({ hosts: 6, user: { sudo: 'password' }, sudoPassword: true });
    await rig.client.call('hosts.remove', { names: ['h-001', 'h-002', 'h-003', 'h-004', 'h-005', 'h-006'] });
    await rig.zone('hk', 3);
  }, 120_000);
  afterAll(() => rig?.stop());

  it('runs its servers through the worker', async () => {
    await rig.worker('hk-1', 'hk');
    const { run, hosts } = await runOn(rig.client, { module: 'zone.who', selector: 'zone:hk' });
    expect(run).toMatchObject({ state: 'succeeded', counts: { ok: 3 } });
    for (const { ordinal, name } of hosts) {
      expect((await outputOf(rig.client, run.id, ordinal)).toString()).toBe(`${rig.user.name}\n${name}\n`);
    }
  });
});
void randomBytes;
