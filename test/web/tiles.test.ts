import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { freePort, loopbackAddresses } from '../lab/ports.ts';
import { startServer } from '../lab/server.ts';
import { addHosts, runOn } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience } from './steps.ts';

/** One more than are shown as cells from the start. */
const total = 2001;

describe.skipIf(!has('chromium'))('a run on more servers than cells are shown of', () => {
  const stack = new AsyncDisposableStack();
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    const server = await startServer();
    stack.defer(() => server.stop());
    const { client } = await enrolAdmin(server);
    stack.defer(() => client.close());
    await client.call('credentials.add', { name: 'lab', secret: { kind: 'password', password: 'unused' } });
    const port = await freePort();
    const [address = '127.0.0.1'] = loopbackAddresses(1);
    const numbers = Array.from({ length: total }, (_, i) => String(i + 1).padStart(4, '0'));
    await addHosts(
      client,
      numbers.map((number) => ({ name: `web-${number}`, address, port, user: 'nobody', credential: 'lab' })),
    );
    // Nothing is behind the port: the canary fails, and no other server is asked.
    const rollout = { canary: 1, stopWhen: { percent: 10 } };
    const { run } = await runOn(client, { module: 'system.version', selector: '*', rollout });
    expect(run.counts).toMatchObject({ unreachable: 1, not_started: total - 1 });
    browser = await openBrowser();
    stack.defer(() => browser.close());
    ({ page, errors } = await openPage(browser));
    const { link } = await client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, server.url, link, 'ada');
    await page.goto(`${server.url}/runs/${run.id}`);
  });
  afterAll(() => stack.disposeAsync());

  it('is a tile for each part, which opens its cells by key and gives the focus back', async () => {
    const tiles = page.getByRole('list', { name: 'Groups' }).getByRole('button');
    await expect.poll(() => tiles.count(), patience).toBe(Math.ceil(total / 100));
    await tiles.filter({ hasText: 'web-0001 … 0100' }).filter({ hasText: '100 not OK' }).waitFor();
    await tiles.first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const back = page.getByRole('button', { name: 'All groups' });
    await back.waitFor();
    await page.getByText('web-0101 … 0200').waitFor();
    await page.keyboard.press('Enter');
    await back.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator(':focus').innerText(), patience).toContain('web-0101 … 0200');
    expect(errors).toEqual([]);
  });
});
