import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, runOn, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience } from './steps.ts';

const million = 1_000_000;
const modules = [
  {
    id: 'site.fails',
    risk: 'disruptive',
    params: { word: { type: 'string', title: { en: 'Word', zh: '词' } } },
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
    await log().focus();
    await page.keyboard.type('gg');
    await expect.poll(() => log().locator('a').first().textContent(), patience).toBe('1');
    await page.keyboard.press('Shift+G');
    await expect.poll(() => log().locator('a').last().textContent(), patience).toBe(String(million));
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
    // A key opens the sheet, and the one after it is a no.
    await page.keyboard.press('Shift+S');
    await page.getByRole('dialog', { name: 'Stop this run?' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await rig.client.call('runs.get', { runId: run.id })).control).toBe('run');
    await page.getByRole('button', { name: 'More ways to end the run' }).click();
    await page.getByRole('menuitem', { name: 'Abort: what runs is ended' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click();
    await page.getByText('aborted').first().waitFor();
  });

  it('is worked by keys, which start and end nothing by themselves', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const { run } = await runOn(rig.client, { module: 'site.fails', selector: 'h-*' });
    await open(`/runs/${run.id}`);
    const failed = page.getByRole('article').filter({ hasText: 'h-002' });
    await failed.getByText('no space left').waitFor();
    await page.getByRole('status').getByText('Run partly succeeded: 3 of 3 servers finished, 1 not OK').waitFor();

    await page.keyboard.press('Alt+ArrowDown');
    expect(await failed.evaluate((card) => card.contains(card.ownerDocument.activeElement))).toBe(true);
    await page.keyboard.press('d');
    await failed.getByText('no space left').waitFor({ state: 'detached' });
    await page.keyboard.type('yh');
    await page.getByText('1 server name copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('h-002');
    await page.keyboard.press('j');
    await page.keyboard.type('yh');
    await page.getByText('2 server names copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('h-[001,003]');

    await page.keyboard.press('n');
    await page.waitForURL(`**/runs/${run.id}/log/1`);
    await page.keyboard.type('yl');
    await page.getByText('Link copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(page.url());
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Next server that is not OK').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('Shift+R');
    const sheet = page.getByRole('dialog', { name: 'Retry on servers that are not OK' });
    const cancel = sheet.getByRole('button', { name: 'Cancel' });
    await expect
      .poll(() => cancel.evaluate((button) => button === button.ownerDocument.activeElement), patience)
      .toBe(true);
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    expect((await rig.client.call('runs.get', { runId: run.id })).attempt).toBe(1);
  });

  it('fills the composer in to run again, and starts nothing', async () => {
    const { run } = await runOn(rig.client, { module: 'site.fails', selector: 'h-[001,003]', params: { word: 'hey' } });
    await open(`/runs/${run.id}`);
    await page.getByText('succeeded', { exact: true }).first().waitFor();
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('Run again');
    await page
      .getByRole('dialog')
      .getByRole('option', { name: /^Run again/ })
      .waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/run');
    await expect.poll(() => page.getByLabel('Word').inputValue(), patience).toBe('hey');
    await page.getByRole('button', { name: /^Run on 2 servers/ }).waitFor();
    expect((await rig.client.call('runs.list', { limit: 1 })).items[0]?.id).toBe(run.id);
  });

  it('shows how long servers took, and who they are', async () => {
    const { run } = await runOn(rig.client, { module: 'site.fails', selector: 'h-*' });
    await open(`/runs/${run.id}/timeline`);
    const chart = page.getByRole('figure').filter({ hasText: 'Servers by duration' });
    await chart.getByRole('button', { name: /, 1 not OK$/ }).click();
    await chart.getByRole('link', { name: 'h-002' }).click();
    await page.waitForURL(`**/runs/${run.id}/log/1`);
  });

  it('titles the open documents in the language of now', async () => {
    const tabs = page.getByRole('navigation', { name: /^(Open documents|打开的标签)$/ });
    await tabs.getByText('New run', { exact: true }).waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    await tabs.getByText('新建运行', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await tabs.getByText('New run', { exact: true }).waitFor();
  });

  it('breaks nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});
