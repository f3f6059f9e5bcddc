import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { forgetPeak, memoryMiB } from '../bench/processFigures.ts';
import { startScaleRig } from '../bench/scaleRig.ts';
import { has, isRoot } from '../lab/have.ts';
import { hostsOf, outputOf, runOn, startRig } from './rig.ts';

const capBytes = 1024 * 1024;
const settings = { OM_OUTPUT_CAP_KB: String(capBytes / 1024) };
/** All that was sent is many times as much; what Node takes for itself on a busy machine is less. */
const roomMiB = 200;
const flood = { id: 'test.flood', shell: ': simulated\n' };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('more output than is kept', { timeout: 240_000 }, () => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0)) await step();
  });

  it.each([
    { hosts: 1, each: 64 * 1024 * 1024 },
    { hosts: 12, each: 8 * 1024 * 1024 },
  ])(
    'of $hosts hosts, $each bytes each: kept exactly up to the cap, counted to the end, memory bounded',
    async ({ hosts, each }) => {
      const rig = await startScaleRig({
        hosts,
        behaviour: { outputBytes: each, hashBytes: capBytes },
        env: settings,
        modules: [flood],
      });
      undo.push(rig.stop);
      const { pid } = rig.server;
      const before = memoryMiB(pid).now;
      forgetPeak(pid);
      const { run } = await runOn(rig.client, { module: flood.id, selector: '*', parallel: hosts });
      expect(memoryMiB(pid).peak - before).toBeLessThan(roomMiB);
      expect(run).toMatchObject({ state: 'succeeded', counts: { ok: hosts } });
      const sent = await rig.fleet.sent();
      for (const host of await hostsOf(rig.client, run.id)) {
        expect(host).toMatchObject({ stdoutBytes: each, discardedBytes: each - capBytes, discardedFor: 'host_cap' });
        const kept = await outputOf(rig.client, run.id, host.ordinal);
        expect(kept).toHaveLength(capBytes);
        expect(sha256(kept)).toBe(sent[host.ordinal]?.firstSha256);
      }
      // Whoever follows sees that something is missing.
      let told: { cut: boolean; discardedBytes: number } | undefined;
      for await (told of rig.client.stream('runs.tail', { runId: run.id, ordinal: 0 }));
      expect(told).toMatchObject({ cut: true, discardedBytes: each - capBytes });
    },
  );

  it.skipIf(!has('sshd') || !isRoot)('of a real sshd: exactly what the host hashed itself', async () => {
    const bytes = 32 * 1024 * 1024;
    const numbers = (count: number) => `seq 1 100000000 | head -c ${count}`;
    const rig = await startRig({
      hosts: 1,
      server: { env: settings },
      modules: [
        { id: 'test.flood', shell: `${numbers(bytes)}\n` },
        { id: 'test.hash', shell: `${numbers(capBytes)} | sha256sum\n` },
      ],
    });
    undo.push(rig.stop);
    const hashed = await runOn(rig.client, { module: 'test.hash', selector: '*' });
    const [said] = (await outputOf(rig.client, hashed.run.id, 0)).toString().split(' ');
    const { run, hosts } = await runOn(rig.client, { module: 'test.flood', selector: '*' });
    expect(hosts[0]).toMatchObject({ state: 'ok', stdoutBytes: bytes, discardedBytes: bytes - capBytes });
    expect(sha256(await outputOf(rig.client, run.id, 0))).toBe(said);
  });
});
