import { setTimeout as sleep } from 'node:timers/promises';
import { finalRunStates } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { start } from '../runs/rig.ts';
import { type KillRig, retryRest, type Shown, startKillRig, verify, watchRun, within } from './killRig.ts';

/** `npm run test:kill -- --kills 20` asks for more. */
const kills = Number(process.env.KILLS ?? 3);
/** A kill may come a moment too late to hit anything: it does not count and is repeated. */
const missesAllowed = kills;
const hosts = 100;
const deadlineMs = 30_000;
/** An attempt on fewer hosts is left alone: it is over too soon to be hit. */
const fewest = 20;

const asked = { module: 'test.append', selector: '*', parallel: 40 } as const;

describe.each([
  { database: 'SQLite' as const, missing: !has('sshd', 'useradd') },
  { database: 'MariaDB' as const, missing: !has('sshd', 'useradd', 'mariadb') },
])('kill -9 of the server on $database', ({ database, missing }) => {
  describe.skipIf(missing)('in the middle of runs on 100 hosts', () => {
    let rig: KillRig;
    beforeAll(async () => {
      rig = await startKillRig(database, hosts);
    });
    afterAll(() => rig?.stop());

    it(`${kills} times: no attempt is executed twice, nothing that was shown is lost, retries finish`, {
      timeout: 120_000 + kills * 20_000,
    }, async () => {
      const done = { kills: 0, misses: 0, runs: 0, lost: 0, alive: [] as number[] };
      while (done.kills < kills) {
        done.runs++;
        const run = await start(rig.client, asked);
        const shown = watchRun(rig, run.id);
        let lost = 0;
        for (let attempt = 1; ; attempt++) {
          const left = hosts - (shown.run?.counts.ok ?? 0);
          const ended = shown.follow();
          ended.catch(() => undefined);
          // Two kills an attempt: the second finds what the first left over being worked on.
          for (let i = 0; i < 2 && left >= fewest && done.kills < kills; i++) {
            const outcome = await killWhileRunning(shown, ended, left);
            if (outcome === 'over') break;
            done.alive.push(outcome.alive);
            if (outcome.hit > 0 && outcome.alive > 0) done.kills++;
            else if (++done.misses > missesAllowed) throw new Error(`too many kills hit nothing: ${show(done)}`);
          }
          await within('the run ends', ended);
          lost = await verify(rig, shown);
          if (shown.run?.state === 'succeeded') break;
          expect(attempt).toBeLessThan(20);
          if (!(await retryRest(rig, run.id))) break;
        }
        done.lost += lost;
        expect((await rig.client.call('runs.get', { runId: run.id })).counts.ok).toBe(hosts);
      }
      console.log(`${database}: ${show(done)}`);
      expect(done.kills).toBe(kills);
      expect(done.lost).toBeGreaterThan(0);
    });

    it('a start that is under way is done once: before the kill or after it, and its caller hears of it', async () => {
      const plan = await rig.client.call('runs.plan', { ...asked, selector: 'h-[001-010]' });
      const runId = uuid();
      const answer = rig.client.call('runs.start', { planId: plan.id, digest: plan.digest, runId });
      await sleep(Math.random() * 30);
      await rig.server.kill9();
      await rig.server.restart();
      expect((await answer).id).toBe(runId);
      const shown = watchRun(rig, runId);
      await within('the run ends', shown.follow());
      await verify(rig, shown);
      const { items } = await rig.client.call('runs.list', { limit: 100 });
      expect(items.filter(({ planId }) => planId === plan.id).map(({ id }) => id)).toEqual([runId]);
    });

    /** Kills the server while hosts run, at a random point of the run’s progress, and starts it again. */
    async function killWhileRunning(
      shown: Shown,
      ended: Promise<void>,
      left: number,
    ): Promise<'over' | { hit: number; alive: number }> {
      const over = () => shown.run !== undefined && finalRunStates.has(shown.run.state);
      const wanted = shown.results.size + Math.random() * 0.4 * left;
      const due = () => shown.running() > 0 && shown.results.size >= wanted;
      await waitFor('the moment of the kill', () => over() || (due() && rig.alive() > 0), deadlineMs);
      await Promise.race([ended, sleep(Math.random() * 100)]);
      if (over()) return 'over';
      const killed = rig.server.kill9();
      const alive = rig.alive();
      await killed;
      const hit = await rig.leftRunning();
      await rig.server.restart();
      return { hit, alive };
    }
  });
});

function show({
  kills,
  misses,
  runs,
  lost,
  alive,
}: Record<'kills' | 'misses' | 'runs' | 'lost', number> & { alive: number[] }) {
  return `${kills} kills that hit running hosts (scripts alive: ${alive.join(', ')}), ${misses} that hit none, ${runs} runs of ${hosts} hosts, ${lost} attempts lost, then probed or retried`;
}
