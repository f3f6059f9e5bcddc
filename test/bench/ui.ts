import { spawnSync } from 'node:child_process';
import { measureGrid } from './uiGrid.ts';
import { measureList } from './uiList.ts';
import { measureLiveLog, measureMillion } from './uiLog.ts';
import { startUiRig } from './uiRig.ts';
import { measureMemory } from './uiSoak.ts';
import { measureStart } from './uiStart.ts';
import { printUiTable, type UiFigure } from './uiTable.ts';
import { type FrameCosts, printFrameCosts } from './uiTrace.ts';

export interface UiOptions {
  hosts: number;
  /** Everything for a few seconds only: to see that it works. */
  quick: boolean;
  /** Minutes that the memory of the page is watched. */
  soakMinutes: number;
  /** Only these of list, grid, log, million, start, memory. */
  only?: string | undefined;
  /** A build of the web app that is there already; else that of this tree is made. */
  webRoot?: string | undefined;
}

/**
 * The web app in the system's Chromium without a screen, served by a real OMServer over the sealed WebSocket; the hosts
 * of its runs are made up by a worker that is real but for its engine. All of them share this machine.
 */
export async function benchUi({ hosts, quick, soakMinutes, only, webRoot }: UiOptions): Promise<void> {
  console.log(spawnSync('/usr/bin/chromium', ['--version'], { encoding: 'utf8' }).stdout.trim());
  const wanted = (part: string) => only === undefined || only.split(',').includes(part);
  const rig = await startUiRig({ hosts, webRoot });
  const figures: UiFigure[] = [];
  const profiles: [string, FrameCosts][] = [];
  try {
    if (wanted('list')) {
      const { figures: found, profile } = await measureList(rig, quick ? 3 : 10);
      figures.push(...found);
      profiles.push(['scrolling the server list', profile]);
    }
    if (wanted('grid')) {
      const { figures: found, profile } = await measureGrid(rig, quick ? 6 : 60);
      figures.push(...found);
      profiles.push(['the grid with 1,000 changes a second', profile]);
    }
    if (wanted('log')) figures.push(...(await measureLiveLog(rig, quick ? 6 : 60)));
    let log = '/runs';
    if (wanted('million') || wanted('memory')) {
      figures.push(...(await measureMillion(rig, quick ? 100_000 : 1_000_000)));
      log = new URL(rig.page.url()).pathname;
    }
    if (wanted('memory')) figures.push(...(await measureMemory(rig, quick ? 40 : soakMinutes * 60, log)));
    if (wanted('start')) figures.push(...(await measureStart(rig)));
  } finally {
    printUiTable(figures);
    for (const [title, profile] of profiles) printFrameCosts(title, profile);
    if (rig.errors.length > 0) console.log(`errors in the page: ${JSON.stringify(rig.errors.slice(0, 5))}`);
    await rig.stop();
  }
}
