import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { UiWork, Wrote } from './uiEngine.ts';
import type { Probed } from './uiProbe.ts';
import { finish, goWithin, seen, type UiRig } from './uiRig.ts';
import { atMost, type UiFigure } from './uiTable.ts';

const withinMs = 60_000;

interface Line {
  number: number;
  at: number;
  text: string;
}

/** An open log into which 5,000 lines come each second, then a burst of ten times as many. */
export async function measureLiveLog(rig: UiRig, seconds: number): Promise<UiFigure[]> {
  const steady = await follow(rig, { kind: 'lines', lines: 5000 * seconds, perSecond: 5000 });
  const whole = await sameAsWritten(rig, steady.wrote);
  const burst = await follow(rig, { kind: 'lines', lines: 50_000 * 5, perSecond: 50_000 });
  return [
    atMost(`5,000 lines/s for ${seconds} s into an open log: worst frame`, steady.probed.frame.max, 100),
    atMost('– age of the newest line on the screen, 95 of 100 frames', steady.probed.lag.p95, 500),
    {
      what: '– lines lost; the saved log is what was written (SHA-256)',
      measured: whole,
      aim: '0, equal',
      holds: whole === '0, equal',
    },
    atMost('50,000 lines/s for 5 s: input to the next frame, the longest', burst.probed.input.max, 100),
    atMost('– the last line is on the screen after its writing', burst.lastMs, 5000),
  ];
}

/** A log of a million lines that is over: opened, and its end reached. */
export async function measureMillion(rig: UiRig, lines: number): Promise<UiFigure[]> {
  const { page, client, worker } = rig;
  await worker.work({ kind: 'lines', lines, perSecond: null });
  const { id } = await rig.run('one');
  await finish(client, id);
  const { lastLine, bytes } = await worker.wrote();
  await goWithin(page, `/runs/${id}/details`);
  const tab = page.locator(`main nav a[href$="/log"]`);
  await tab.waitFor();
  const opened: number = await page.evaluate(`omProbe.until(
    () => document.querySelector('main nav a[href$="/log"]').click(),
    () => omProbe.lastLine() !== null)`);
  await page.getByRole('log').focus();
  const began = `(window.omKey = new Promise((resolve) => addEventListener('keydown', () =>
    resolve(omProbe.until(() => {}, () => omProbe.lastLine()?.number === ${lines})), { once: true, capture: true })), 0)`;
  await page.evaluate(began);
  await page.keyboard.press('End');
  const jumped: number = await page.evaluate('omKey');
  const last: Line = await page.evaluate('omProbe.lastLine()');
  const exact = last.text === lastLine && last.number === lines;
  return [
    atMost(
      `log of ${lines.toLocaleString('en')} lines (${(bytes / 1e6).toFixed(0)} MB): open, to its first lines`,
      opened,
      500,
    ),
    atMost('– to its end (End key), to its last lines', jumped, 300),
    { what: `– its last line`, measured: exact ? 'exact' : `“${last.text}”`, aim: 'exact', holds: exact },
  ];
}

async function follow(
  rig: UiRig,
  work: Extract<UiWork, { kind: 'lines' }>,
): Promise<{ probed: Probed; wrote: Wrote; lastMs: number }> {
  const { page, client, worker } = rig;
  await worker.work(work);
  const { id } = await rig.run('one');
  await goWithin(page, `/runs/${id}/log/0`);
  await seen(page, 'omProbe.lastLine() !== null');
  await page.evaluate('omProbe.begin()');
  const typing = setInterval(() => void page.keyboard.press('Shift').catch(() => {}), 500);
  const ended = finish(client, id);
  const shownAt = lastShown(page, work.lines);
  await ended;
  const lastMs = await shownAt;
  clearInterval(typing);
  const probed: Probed = await page.evaluate('omProbe.end()');
  return { probed, wrote: await worker.wrote(), lastMs };
}

/** How long after its writing the last line was on the screen. */
async function lastShown(page: Page, number: number): Promise<number> {
  const script = `new Promise((resolve, reject) => {
    const look = () => {
      const line = omProbe.lastLine();
      if (line && line.number === ${number}) resolve(Date.now() - line.at);
      else requestAnimationFrame(look);
    };
    look();
  })`;
  return page.evaluate<number>(script);
}

/** Saves the log as a person does, and compares. */
async function sameAsWritten({ page }: UiRig, { lines, bytes, sha256 }: Wrote): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: withinMs }),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  const data = await readFile(await download.path());
  const lost = lines - data.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
  const equal = data.length === bytes && createHash('sha256').update(data).digest('hex') === sha256;
  return `${lost}, ${equal ? 'equal' : 'not equal'}`;
}
