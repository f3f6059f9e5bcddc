import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { outputOf, type Rig, runOn, startRig } from './rig.ts';

describe.skipIf(!has('sshd'))('a run on 200 hosts of a real sshd', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ hosts: 200 });
  });
  afterAll(() => rig?.stop());

  it('gives 200 correct results', async () => {
    const { run, hosts } = await runOn(rig.client, { module: 'system.uptime', selector: '*' });
    expect(run).toMatchObject({ state: 'succeeded', total: 200, counts: { ok: 200 } });
    expect(hosts).toHaveLength(200);
    for (const { ordinal } of hosts)
      expect((await outputOf(rig.client, run.id, ordinal)).toString()).toContain('load average');
  });
});
