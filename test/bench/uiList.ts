import type { Page } from 'playwright-core';
import type { Probed } from './uiProbe.ts';
import { goWithin, seen, type UiRig } from './uiRig.ts';
import { atLeast, atMost, fps, median, type UiFigure } from './uiTable.ts';
import { type FrameCosts, traced } from './uiTrace.ts';

const pixelsPerSecond = 3000;
const firstRow = `document.querySelector('[role=grid] [aria-rowindex="2"][aria-selected]')`;
const heading = `[...document.querySelectorAll('main h1, main h2')].map((one) => one.textContent).join()`;

/** Ten thousand servers: scrolled without a pause, sorted, filtered. */
export async function measureList(rig: UiRig, seconds: number): Promise<{ figures: UiFigure[]; profile: FrameCosts }> {
  const { page } = rig;
  await goWithin(page, '/servers');
  await seen(page, `${firstRow} !== null`);
  // Its code and its first pages are warm, as they are after the first second of looking.
  await scroll(page, 1);
  const scrolled = await scroll(page, seconds);
  const profile = await traced(page, async () => {
    const { fps, seconds } = await scroll(page, 3);
    return fps * seconds;
  });
  await page.locator('[role=grid]').focus();
  await page.keyboard.press('Home');
  await seen(page, `${firstRow} !== null`);

  const sorts: number[] = [];
  for (const column of ['name', 'address', 'environment', 'name', 'name', 'zone'])
    sorts.push(await page.evaluate(sortScript(column)));
  const filters: number[] = [];
  for (const text of ['web', '0001', 'db-* & env:staging', '00123', ''])
    filters.push(await page.evaluate(filterScript(text)));
  return {
    figures: [
      atLeast(
        `server list of ${rig.hosts.toLocaleString('en')} rows, scrolled for ${seconds} s`,
        scrolled.fps,
        55,
        fps,
      ),
      atMost('– its worst frame', scrolled.frame.max, 50),
      atMost('– sort, median from the click to the frame that shows it', median(sorts), 150),
      atMost('– filter, the same from a keystroke', median(filters), 100),
    ],
    profile,
  };
}

async function scroll(page: Page, seconds: number): Promise<Probed> {
  const session = await page.context().newCDPSession(page);
  const box = await page.locator('[role=grid]').boundingBox();
  if (!box) throw new Error('there is no list');
  await page.evaluate('omProbe.begin()');
  await session.send('Input.synthesizeScrollGesture', {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    yDistance: -pixelsPerSecond * seconds,
    speed: pixelsPerSecond,
    gestureSourceType: 'mouse',
    preventFling: true,
  });
  const probed: Probed = await page.evaluate('omProbe.end()');
  await session.detach();
  return probed;
}

const table = `document.querySelector('[role=grid]')`;

/** A click on the head of a column, until other rows are there. */
const sortScript = (column: string): string => `(() => {
  const head = document.querySelector('[role=columnheader][data-column="${columns[column] ?? column}"] button')
    ?? document.querySelector('[role=columnheader] button');
  const before = ${table}.innerText;
  return omProbe.until(() => head.click(), () => ${firstRow} && ${table}.innerText !== before
    && !document.querySelector('[role=grid] [role=row]:not([aria-selected]):not([aria-rowindex="1"])'));
})()`;
const columns: Readonly<Record<string, string>> = { name: 'server' };

/** Another text in the filter, until another number of servers is said. */
const filterScript = (text: string): string => `(() => {
  const field = document.querySelector('main input[type=search], main input[aria-label="Name or selector"]');
  const before = ${heading};
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  return omProbe.until(() => {
    set.call(field, ${JSON.stringify(text)});
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, () => ${heading} !== before);
})()`;
