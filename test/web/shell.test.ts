import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { type CuttingProxy, startCuttingProxy } from '../lab/cuttingProxy.ts';
import { has } from '../lab/have.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience, runButton, runIt } from './steps.ts';

const modules = [
  {
    id: 'site.greets',
    title: { en: 'Greeting', zh: '问候' },
    shell: 'echo "I am well"; printf "\\033[31mred\\033[0m\\n"',
  },
  { id: 'site.fails', title: { en: 'Failing', zh: '失败' }, shell: 'echo "the disk is full" >&2; exit 3' },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('what stands around every page', () => {
  let rig: Rig;
  let proxy: CuttingProxy;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let url: string;

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 1, modules });
    proxy = await startCuttingProxy(rig.server.port);
    url = `http://127.0.0.1:${proxy.port}`;
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, url, link, 'ada');
    for (const module of ['site.greets', 'site.fails']) {
      await page.goto(`${url}/run?module=${module}&targets=h-001`);
      await runIt(page, rig);
    }
    await page.goto(`${url}/runs`);
    await page
      .getByText('partly')
      .or(page.getByText('failed', { exact: true }))
      .first()
      .waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.stop();
    await rig?.stop();
  });

  const panel = () => page.getByRole('region', { name: 'Output', exact: true });
  const field = () => page.getByRole('combobox', { name: 'Search or run…' });
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

  it('goes to pages by g and a letter, but not while somebody types, composes or has turned it off', async () => {
    await press('g', 's');
    await page.waitForURL(/\/servers$/);
    const search = page.getByRole('main').getByRole('textbox').first();
    await search.click();
    await page.keyboard.type('gl?');
    expect(await search.inputValue()).toBe('gl?');
    await search.fill('');
    await page.waitForURL(/\/servers$/);
    await page.locator('#content').focus();
    await page.evaluate(`for (const key of ['g', 'l'])
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true }))`);
    expect(page.url()).toMatch(/\/servers$/);
    await press('?');
    const help = page.getByRole('dialog');
    await help.getByText('Show or hide the output panel').waitFor();
    await help.getByRole('switch').click();
    await press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.locator('#content').focus();
    await press('?', 'g', 'l');
    expect(await help.count()).toBe(0);
    expect(page.url()).toMatch(/\/servers$/);
    await press('Control+k');
    await page.keyboard.type('>shortcuts');
    await press('Enter');
    await help.getByRole('switch').click();
    await press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.locator('#content').focus();
    await press('g', 'l');
    await page.waitForURL(/\/runs$/);
  });

  it('finds pages, runs, servers and modules, and only fills in what would run', async () => {
    const before = (await rig.client.call('runs.list', {})).items.length;
    const choose = async (typed: string, option: string | RegExp) => {
      await press('Control+k');
      await field().fill(typed);
      await page.getByRole('option', { name: option }).first().waitFor();
      await press('Enter');
    };
    await choose('libr', /^Library/);
    await page.waitForURL(/\/modules/);
    await choose('#2', /^#2/);
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    await choose('@h-001', /^h-001/);
    await page.waitForURL(/\/servers\?host=h-001/);
    await choose('greet', /^Greeting/);
    await page.waitForURL(/\/run$/);
    await press('Control+k');
    await page.getByRole('option', { name: /Greeting.*Recent/ }).waitFor();
    await press('Escape');
    await field().waitFor({ state: 'detached' });
    expect(await rig.client.call('runs.list', {})).toMatchObject({ items: { length: before } });
  });

  it('keeps a journal of my runs that can be found in, saved, cleared and brought back', async () => {
    await press('Control+j');
    await panel().getByText('Host: h-001 result: failed exit code: 3').waitFor();
    await panel().getByText('the disk is full').waitFor();
    await panel().getByRole('searchbox').fill('i am WELL');
    await panel().getByText('1 line', { exact: true }).waitFor();
    const downloaded = page.waitForEvent('download');
    await press('Control+s');
    const download = await downloaded;
    expect(download.suggestedFilename()).toMatch(/^omanager-\d{4}-\d\d-\d\d\.txt$/);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toMatch(/^\ufeff\+\+\+\+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d #1 Greeting \+\+\+\+ {2}succeeded\n/);
    expect(text).toContain('Host: h-001  result: ok\nI am well\nred\n');
    await press('Control+l');
    await panel().getByText('Cleared. The record stays in Runs.').waitFor();
    expect(await panel().getByText('the disk is full').count()).toBe(0);
    await panel().getByRole('button', { name: 'Undo' }).click();
    await panel().getByText('the disk is full').waitFor();
    await press('Control+j');
  });

  it('says what needs me, until I have dismissed it', async () => {
    const inbox = page.getByRole('button', { name: 'Inbox 1: needs you' });
    await inbox.click();
    await page.getByText('0 of 1 servers succeeded').waitFor();
    await page.getByRole('button', { name: 'Dismiss #2' }).click();
    await page.getByText('Nothing needs you.').waitFor();
    await press('Escape');
    const tabs = page.getByRole('navigation', { name: 'Open documents' }).getByRole('link');
    const open = await tabs.count();
    expect(open).toBeGreaterThan(2);
    await page.reload();
    await page.getByRole('button', { name: 'Inbox 0: need you' }).waitFor();
    expect(await tabs.count()).toBe(open);
  });

  it('starts and changes nothing while the lock is on', async () => {
    const before = (await rig.client.call('runs.list', {})).items.length;
    await page.goto(`${url}/run?module=site.greets&targets=h-001`);
    await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
    await press('Control+Shift+L');
    await page.getByText('The read-only lock of this window is on').waitFor();
    expect(await runButton(page).isDisabled()).toBe(true);
    await press('Control+Enter');
    await press('Control+Shift+L');
    await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
    expect((await rig.client.call('runs.list', {})).items).toHaveLength(before);
  });

  it('says that the connection is lost, and that what is shown is of before; then goes on', async () => {
    await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
    await proxy.stop();
    await page.getByText(/Connection lost \d\d:\d\d:\d\d/).waitFor();
    await page.locator('[data-away]').waitFor();
    await page.getByText('There is no connection to OMServer').first().waitFor();
    expect(await runButton(page).isDisabled()).toBe(true);
    proxy = await startCuttingProxy(rig.server.port, proxy.port);
    await page.locator('[data-away]').waitFor({ state: 'detached' });
    await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
  });

  it('met no error of the page but those of the cut', () => {
    expect(errors.filter((error) => !/WebSocket|ERR_CONNECTION/.test(error))).toEqual([]);
  });
});
