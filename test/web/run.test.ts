import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, runOn, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

const million = 1_000_000;
const modules = [
  {
    id: 'site.fails',
    risk: 'disruptive',
    shell:
      'echo "checking"; [ "$OM_HOST" != h-002 ] || { printf "\\033[31mno space\\033[0m left\\n" >&2; exit 3; }; echo done',
  },
  { id: 'site.long', risk: 'read', shell: `yes ab | head -n ${million}` },
  { id: 'site.slow', risk: 'read', shell: 'for i in 1 2 3 4 5 6 7 8 9; do echo "step $i"; sleep 0.3; done; sleep 60' },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the page of a run', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3, modules });
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const open = (path: string) => page.goto(`${rig.server.url}${path}`);
  const log = () => page.getByRole('log');

  it('groups equal output, shows first what differs, and leads to the log in its colours', async () => {
    const { run } = await runOn(rig.client, { module: 'site.fails', selector: 'h-*' });
    await open(`/runs/${run.number}`);
    await page.getByText('partly succeeded').first().waitFor();
    const card = page.getByRole('article').first();
    await card.getByText('no space left').waitFor();
    expect(await card.textContent()).toContain('h-002');
    await card.getByRole('link', { name: 'Log' }).click();
    const line = log().getByText('no space', { exact: true });
    await line.waitFor();
    expect(await line.getAttribute('data-color')).toBe('1');
    expect(page.url()).toBe(`${rig.server.url}/runs/${run.id}/log/1`);
  });

  it('retries only what was not OK, and only for the words that the server asks for', async () => {
    const { run } = await runOn(rig.client, { module: 'site.fails', selector: 'h-*' });
    await open(`/runs/${run.id}`);
    await page.getByRole('button', { name: 'Retry 1 not OK' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Continue…' }).click();
    const go = sheet.getByRole('button', { name: 'Retry on 1 server' });
    await go.waitFor();
    expect(await go.isDisabled()).toBe(true);
    expect((await rig.client.call('runs.get', { runId: run.id })).attempt).toBe(1);
    await sheet.getByLabel('Confirmation').fill('1');
    await go.click();
    await page.getByText('attempt 2').waitFor();
    const { items } = await rig.client.call('runs.hosts', { runId: run.id });
    expect(items.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
  });

  it('opens a log of a million lines, and reaches its last one', async () => {
    const { run } = await runOn(rig.client, { module: 'site.long', selector: 'h-001' });
    await open(`/runs/${run.id}`);
    await page.getByText(`${million} lines`).waitFor();
    expect(await log().locator('a').first().textContent()).toBe('1');
    await log().evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect.poll(() => log().locator('a').last().textContent()).toBe(String(million));
    await expect.poll(() => log().textContent()).toMatch(/1000000\s*ab$/);
    await page.goto(`${rig.server.url}/runs/${run.id}/log/0#L654321`);
    await page.getByRole('link', { name: 'Link to line 654321' }).waitFor();
  });

  it('follows a run, stops following when one scrolls, and ends it when told', async () => {
    const run = await start(rig.client, { module: 'site.slow', selector: 'h-001' });
    await page.setViewportSize({ width: 1280, height: 420 });
    await open(`/runs/${run.id}/log/0`);
    await log().getByText('step 9').waitFor();
    await log().evaluate((element) => element.scrollTo(0, 0));
    await page.getByRole('button', { name: /^(Paused|Follow again)/ }).waitFor();
    await page.getByRole('button', { name: 'More ways to end the run' }).click();
    await page.getByRole('menuitem', { name: 'Abort: what runs is ended' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click();
    await page.getByText('aborted').first().waitFor();
  });

  it('breaks nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});
