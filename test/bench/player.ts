import type { CDPSession, Page } from 'playwright-core';
import { catOf, dayOf, store } from './playerRecordings.ts';
import { memoryMiB } from './processFigures.ts';
import { goWithin, startUiRig, type UiRig } from './uiRig.ts';
import { rendererOf } from './uiSoak.ts';
import { atMost, ms, printUiTable, shown, type UiFigure } from './uiTable.ts';

const mib = (value: number): string => `${value.toFixed(0)} MiB`;
const patience = 180_000;

/** The player of recorded terminals in a real browser: a `cat` of many megabytes, and hours of a person's day. */
export async function benchPlayer({ quick, webRoot }: { quick: boolean; webRoot?: string | undefined }): Promise<void> {
  const rig = await startUiRig({ hosts: 1, webRoot });
  const figures: UiFigure[] = [];
  try {
    const { items } = await rig.client.call('hosts.list', { limit: 1 });
    const host = items[0]?.name ?? '';
    const [megabytes, hours] = quick ? [5, 1] : [100, 8];
    const cat = await store(rig.server, rig.client, host, catOf(megabytes));
    figures.push(...(await measure(rig, `cat of ${megabytes} MB`, cat.id, '超时')));
    const day = await store(rig.server, rig.client, host, dayOf(hours));
    const title = `${hours} hours (${mib(day.bytes / 2 ** 20)})`;
    figures.push(...(await measure(rig, title, day.id, 'nginx-39')));
  } finally {
    printUiTable(figures);
    if (rig.errors.length > 0) console.log(`errors in the page: ${JSON.stringify(rig.errors.slice(0, 5))}`);
    await rig.stop();
  }
}

async function measure(rig: UiRig, what: string, id: string, words: string): Promise<UiFigure[]> {
  const { page } = rig;
  await goWithin(page, '/audit/sessions');
  const session = await page.context().newCDPSession(page);
  const before = await memory(rig, session);
  await page.evaluate(`(() => {
    window.omLong = 0;
    window.omLongs?.disconnect();
    window.omLongs = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) omLong = Math.max(omLong, duration);
    });
    omLongs.observe({ type: 'longtask' });
  })()`);
  const longest = async (): Promise<number> =>
    page.evaluate('(() => { const most = omLong; omLong = 0; return most; })()');
  const first = await timeOf(
    page,
    `history.pushState(null, '', '/audit/sessions/${id}')`,
    `!!document.querySelector('.xterm-rows > div')`,
  );
  // Until then a seek to the end is one to what has arrived.
  const seekFirst = await timeOf(page, ``, `!/Loading/.test(document.querySelector('main').textContent)`);
  const toEnd = await timeOf(page, `${sliderKey('End')}`, still);
  const read = await timeOf(page, '', `!document.querySelector('[data-reading]')`);
  const longLoad = await longest();
  const middle = await timeOf(page, clickSlider(0.5), still);
  const back = await timeOf(page, clickSlider(0.7), still);
  const again = await timeOf(page, `${sliderKey('End')}`, still);
  const longSeek = await longest();
  const found = await timeOf(
    page,
    typeInto(words),
    `/^[1-9][\\d,]* line/.test(${hits}) && !document.querySelector('[data-searching]')`,
  );
  const longSearch = await longest();
  const after = await memory(rig, session);
  await session.detach();
  return [
    atMost(`${what}: first frame`, first, 2000),
    shown('– all of it has arrived after another', ms(seekFirst)),
    shown('– then to its end, for the first time', ms(toEnd)),
    shown('– its transcript whole after another', ms(read)),
    atMost('– longest task meanwhile', longLoad, 100),
    atMost('– back to the middle', middle, 300),
    atMost('– to seven tenths', back, 300),
    atMost('– to the end again', again, 300),
    atMost('– longest task meanwhile', longSeek, 100),
    atMost('– search', found, 2000),
    atMost('– longest task meanwhile', longSearch, 100),
    shown('– heap of the page, above what it was', mib(after.heap - before.heap)),
    shown('– renderer (resident), above what it was', mib(after.resident - before.resident)),
  ];
}

async function memory(rig: UiRig, session: CDPSession): Promise<{ heap: number; resident: number }> {
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  return { heap: heap / 2 ** 20, resident: memoryMiB(await rendererOf(rig)).now };
}

/** Milliseconds from an act to the frame in which a condition of the page holds. Its policy forbids what playwright does. */
async function timeOf(page: Page, act: string, holds: string): Promise<number> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const began = performance.now();
    ${act};
    let frames = 0;
    const look = () => {
      // A seek shows that it is under way in the frame after.
      if (frames++ > 1 && (${holds})) return resolve(performance.now() - began);
      if (performance.now() - began > ${patience}) return reject(new Error('it never came'));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);
}

const still = `document.querySelector('[aria-busy=false]') && !document.querySelector('[aria-busy=true]')`;
const hits = `[...document.querySelectorAll('main span')].find((one) => /lines?$/.test(one.textContent))?.textContent ?? ''`;
const sliderKey = (key: string) =>
  `document.querySelector('[role=slider]').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true, cancelable: true }))`;
const clickSlider = (share: number) => `(() => {
  const box = document.querySelector('[role=slider]').parentElement.getBoundingClientRect();
  const at = { clientX: box.left + box.width * ${share}, clientY: box.top + box.height / 2, bubbles: true, cancelable: true };
  const target = document.querySelector('[role=slider]').parentElement;
  for (const kind of ['mousedown', 'mousemove', 'mouseup', 'click']) target.dispatchEvent(new MouseEvent(kind, at));
})()`;
const typeInto = (words: string) => `(() => {
  const field = document.querySelector('input[aria-label="Find in the transcript"]');
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '${words}');
  field.dispatchEvent(new Event('input', { bubbles: true }));
})()`;
