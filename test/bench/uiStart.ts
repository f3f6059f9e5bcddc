import { gzipSync } from 'node:zlib';
import type { UiRig } from './uiRig.ts';
import { atMost, type UiFigure } from './uiTable.ts';

const kb = (value: number): string => `${(value / 1024).toFixed(0)} KB`;

/** The Run screen from an empty cache and from a warm one, in a browser that was just started. */
export async function measureStart(rig: UiRig): Promise<UiFigure[]> {
  await rig.restartBrowser();
  const warm = await load(rig);
  // A second time: the browser keeps compiled code of what it has seen twice.
  await rig.restartBrowser();
  const again = await load(rig);
  await rig.restartBrowser();
  const { page } = rig;
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', {
    origin: rig.server.url,
    storageTypes: 'cache_storage,service_workers,shader_cache',
  });
  await session.send('Network.enable');
  await session.send('Network.clearBrowserCache');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts: Promise<number>[] = [];
  page.on('response', (response) => {
    if (/\.js(\?|$)/.test(new URL(response.url()).pathname) && response.ok())
      scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  const first = await load(rig);
  await page.waitForLoadState('networkidle');
  const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
  await session.detach();
  return [
    atMost('first load of /run: JavaScript, gzip', bytes, 350 * 1024, kb),
    atMost('– largest contentful paint', first.largest, 2000),
    atMost('browser started, caches warm: until the Run screen takes input', Math.min(warm.ready, again.ready), 2000),
    atMost('– the same, nothing in any cache', first.ready, 3000),
  ];
}

async function load({ page, server }: UiRig): Promise<{ ready: number; largest: number }> {
  await page.goto(`${server.url}/run`);
  const ready: number = await page.evaluate('omProbe.ready');
  const largest: number = await page.evaluate('omProbe.largest()');
  return { ready, largest };
}
