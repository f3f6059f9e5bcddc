import { setTimeout as pause } from 'node:timers/promises';
import type { Probed } from './uiProbe.ts';
import { finish, goWithin, seen, type UiRig } from './uiRig.ts';
import { atLeast, atMost, fps, shown, type UiFigure } from './uiTable.ts';
import { type FrameCosts, traced } from './uiTrace.ts';

const changesPerSecond = 1000;

/** A run of ten thousand servers of which a thousand states change each second, on its page. */
export async function measureGrid(rig: UiRig, seconds: number): Promise<{ figures: UiFigure[]; profile: FrameCosts }> {
  const { page } = rig;
  await using run = await keepChanging(rig, changesPerSecond);
  await goWithin(page, `/runs/${run.id}`);
  // So many are shown as groups at first.
  await page.getByRole('radiogroup', { name: 'How servers are shown' }).getByTitle('Cells').click();
  await page.locator('main canvas').waitFor();
  await seen(page, `document.querySelector('main canvas').height > 100`);
  await pause(2000);
  await page.evaluate('omProbe.begin()');
  await pause(seconds * 1000);
  const probed: Probed = await page.evaluate('omProbe.end()');
  const profile = await traced(page, async () => {
    await page.evaluate('omProbe.begin()');
    await pause(4000);
    const { fps, seconds } = await page.evaluate<Probed>('omProbe.end()');
    return fps * seconds;
  });
  return {
    figures: [
      atLeast(
        `grid of ${rig.hosts.toLocaleString('en')} servers, ${changesPerSecond.toLocaleString('en')} changes/s for ${seconds} s`,
        probed.fps,
        50,
        fps,
      ),
      shown('– its worst frame', `${probed.frame.max.toFixed(0)} ms; ${probed.over50} above 50 ms`),
      shown('– cells painted', `${(probed.cells / probed.seconds).toFixed(0)}/s`),
      atMost('– from arrival to the screen, 95 of 100', probed.delay.p95, 250),
      shown('– the longest', `${probed.delay.max.toFixed(0)} ms`),
    ],
    profile,
  };
}

/** A run on all servers that does not end: whenever all of its hosts have, they are tried again. */
export async function keepChanging(rig: UiRig, perSecond: number): Promise<{ id: string } & AsyncDisposable> {
  const { client, worker } = rig;
  await worker.work({ kind: 'states', changesPerSecond: perSecond, good: 0 });
  const { id } = await rig.run('all');
  let over = false;
  const changing = (async () => {
    for (;;) {
      await finish(client, id);
      if (over) return;
      await client.call('runs.retry', { runId: id });
    }
  })();
  return {
    id,
    async [Symbol.asyncDispose]() {
      over = true;
      await client.call('runs.abort', { runId: id, graceMs: 1000 }).catch(() => undefined);
      await changing;
    },
  };
}
