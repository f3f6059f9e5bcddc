import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { startWorkerRig, type WorkerRig } from '../workers/workerRig.ts';
import { finished, hostsOf, outputOf, start } from './rig.ts';

describe.skipIf(!has('sshd', 'useradd', 'sudo'))(
  'a run that follows in two zones, one of them through a worker',
  () => {
    let rig: WorkerRig;

    beforeAll(async () => {
      rig = await startWorkerRig({ hosts: 6, server: { env: { OM_OUTPUT_CAP_KB: '64' } } });
      await rig.zone('hk', 3);
      await rig.worker('hk-1', 'hk', { concurrency: 2 });
    }, 120_000);
    afterAll(() => rig?.stop());

    it('is filtered, kept to its newest, shown as one, and ends when it is stopped', async () => {
      const file = join(rig.user.home, 'app.log');
      writeFileSync(file, 'keep the first\n', { mode: 0o644 });
      const asked = { module: 'log.follow', selector: '*', params: { file }, filter: { exclude: 'drop' } };
      const { id, total } = await start(rig.client, asked);
      const everywhere = async (text: string): Promise<void> => {
        const names = new Set<string>();
        for await (const { lines } of rig.client.stream('runs.follow', { runId: id })) {
          for (const line of lines) if (line.text === text) names.add(line.name);
          if (names.size === total) return;
        }
      };
      await everywhere('keep the first');
      // More than the cap, in pieces that are stored one after the other.
      for (let n = 0; n < 8; n++) {
        appendFileSync(file, `drop ${n}\n${`keep ${n} ${'x'.repeat(90)}\n`.repeat(200)}keep the end of ${n}\n`);
        await everywhere(`keep the end of ${n}`);
      }
      await rig.client.call('runs.stop', { runId: id });
      expect(await finished(rig.client, id)).toMatchObject({ state: 'succeeded', counts: { ok: total } });
      for (const host of await hostsOf(rig.client, id)) {
        expect(host.message).toMatch(/then it was stopped/);
        expect(host.filteredLines).toBe(8);
        const kept = (await outputOf(rig.client, id, host.ordinal)).toString();
        expect(kept.endsWith('keep the end of 7\n')).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(64 * 1024);
        expect(kept.length + host.discardedBytes).toBe(host.stdoutBytes);
      }
    });
  },
);
