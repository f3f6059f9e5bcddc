import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { outputOf, type Rig, runOn, startRig } from './rig.ts';

describe.skipIf(!has('sshd', 'useradd'))('with too little free disk', () => {
  let rig: Rig;
  beforeAll(async () => {
    // No disk has a pebibyte free.
    const modules = [{ id: 'test.write', shell: 'echo one; echo two >&2' }];
    rig = await startRig({ hosts: 2, modules, server: { env: { OM_MIN_FREE_MB: String(2 ** 30) } } });
  });
  afterAll(() => rig?.stop());

  it('runs go on, output is counted and thrown away, and hosts and metrics say why', async () => {
    const asked = { module: 'test.write', selector: '*' };
    const { run, hosts } = await runOn(rig.client, asked);
    expect(run.state).toBe('succeeded');
    for (const host of hosts) {
      const sums = { stdoutBytes: 4, stderrBytes: 4, discardedBytes: 8, discardedFor: 'disk' };
      expect(host).toMatchObject({ state: 'ok', exitCode: 0, ...sums });
      expect(await outputOf(rig.client, run.id, host.ordinal)).toHaveLength(0);
    }
    const metrics = await (await fetch(`${rig.server.url}/metrics`)).text();
    expect(metrics).toContain('om_output_disk_low 1');
    expect(metrics).toContain('om_output_discarded_bytes_total{reason="disk"} 16');
    expect(metrics).toMatch(/^om_store_bytes [1-9]\d{4,}$/m);
    expect(metrics).toContain('om_retention_runs_removed_total 0');
  });
});
