import { setTimeout as pause } from 'node:timers/promises';
import { memoryMiB } from './processFigures.ts';
import { keepChanging } from './uiGrid.ts';
import { goWithin, type UiRig } from './uiRig.ts';
import { atMost, shown, type UiFigure } from './uiTable.ts';

const stayMs = 6000;
const mb = (value: number): string => `${value.toFixed(1)} MiB`;

/**
 * The page of a run of all servers that goes on, in turns with a log of many lines: what the page keeps, and whether it
 * keeps more and more. Garbage is collected before each look, so that only what is kept counts.
 */
export async function measureMemory(rig: UiRig, seconds: number, log: string): Promise<UiFigure[]> {
  const { page } = rig;
  await using run = await keepChanging(rig, 300);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('Performance.enable');
  const pid = await rendererOf(rig);
  const looks: { minute: number; heap: number; resident: number }[] = [];
  const began = performance.now();
  while (performance.now() - began < seconds * 1000) {
    await goWithin(page, `/runs/${run.id}`);
    await pause(stayMs);
    // Always on the same screen: what is kept there can be compared.
    await goWithin(page, log);
    await pause(stayMs);
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const heap = (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 2 ** 20;
    looks.push({ minute: (performance.now() - began) / 60_000, heap, resident: memoryMiB(pid).now });
  }
  await session.detach();
  // What is bounded fills up first: answers are kept for five minutes.
  const steady = looks.slice(Math.min(25, Math.floor(looks.length / 3)));
  const most = Math.max(...looks.map(({ resident }) => resident));
  return [
    atMost(`renderer memory (resident) in ${Number((seconds / 60).toFixed(1))} min live`, most, 600, mb),
    atMost('– kept on the heap, growth per minute', slope(steady.map(({ minute, heap }) => [minute, heap])), 1, mb),
    shown(
      '– kept on the heap, least and most',
      `${mb(Math.min(...steady.map(({ heap }) => heap)))}, ${mb(Math.max(...steady.map(({ heap }) => heap)))}`,
    ),
  ];
}

/** The renderer is the one that the page's own browser says has used most time. */
export async function rendererOf({ page }: UiRig): Promise<number> {
  const browser = page.context().browser();
  const session = browser ? await browser.newBrowserCDPSession() : await page.context().newCDPSession(page);
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const [busiest] = processInfo.filter(({ type }) => type === 'renderer').sort((a, b) => b.cpuTime - a.cpuTime);
  if (!busiest) throw new Error('the browser names no renderer');
  return busiest.id;
}

/** Of the line that fits best. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
