import { finalRunStates } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import type { TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, start } from '../runs/rig.ts';
import {
  type KillRig,
  leaseSeconds,
  retryRest,
  type Shown,
  startKillRig,
  verify,
  watchRun,
  within,
} from './killRig.ts';

const hosts = 40;
const asked = { module: 'test.append', selector: '*', parallel: 16 } as const;

describe.skipIf(!has('sshd', 'useradd', 'mariadb'))('two server processes on one MariaDB', () => {
  let rig: KillRig;
  let second: TestServer;
  beforeAll(async () => {
    rig = await startKillRig('MariaDB', hosts);
    second = await rig.startSecond();
    // Host keys are known and connections warm: from here on only the faults make a difference.
    await finished(rig.client, (await start(rig.client, asked)).id);
  });
  afterAll(() => rig?.stop());

  it('one is frozen for longer than its leases and thaws: the other takes over, and nothing runs twice', async () => {
    await disturb(async () => {
      process.kill(rig.server.pid, 'SIGSTOP');
      try {
        // The leases of the frozen one end, the other one finds its servers.
        await waitFor('the other process takes over', async () => (await workedOn(second)) > 0, 20_000);
        await new Promise((resolve) => setTimeout(resolve, leaseSeconds * 1000));
      } finally {
        process.kill(rig.server.pid, 'SIGCONT');
      }
    });
  });

  it('one is killed: the other one finishes the run', async () => {
    await disturb(async () => {
      await second.kill9();
    });
    await second.restart();
  });

  it('MariaDB itself is killed and comes back: every result that was shown is still there, the run goes on', async () => {
    await disturb(async () => {
      await rig.mariadb?.kill9();
      await rig.mariadb?.restart();
    });
  });

  /** Hosts that this process works on at the moment. */
  async function workedOn({ url }: TestServer): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^om_worker_hosts (\d+)$/m.exec(text)?.[1]);
  }

  /** A run with a fault in its middle, retried until every server is ok; compared with what was shown and executed. */
  async function disturb(fault: () => Promise<void>): Promise<void> {
    const { id: runId } = await start(rig.client, asked);
    const shown: Shown = watchRun(rig, runId);
    let ended = shown.follow();
    ended.catch(() => undefined);
    await waitFor('the run is in its middle', () => shown.running() > 0 && shown.results.size >= hosts / 4, 30_000);
    expect(shown.run && finalRunStates.has(shown.run.state)).toBe(false);
    await fault();
    for (let attempt = 1; ; attempt++) {
      await within('the run ends', ended, 60_000);
      await verify(rig, shown);
      if (shown.run?.state === 'succeeded') return;
      expect(attempt).toBeLessThan(5);
      if (!(await retryRest(rig, runId))) return;
      ended = shown.follow();
    }
  }
});
