import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

const modules = [
  { id: 'site.read', risk: 'read', shell: 'echo "I am well"' },
  {
    id: 'site.fails',
    risk: 'read',
    shell: '[ "$OM_HOST" != h-002 ] || { echo "the disk is full" >&2; exit 3; }; echo fine',
  },
  { id: 'site.destroy', risk: 'destructive', shell: 'echo gone' },
  {
    id: 'site.evil',
    risk: 'read',
    shell: `printf '<img src=x onerror="window.hacked=1">\\033]8;;javascript:window.hacked=1\\007click\\033]8;;\\007\\n'`,
  },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the main job in a browser', () => {
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
  beforeEach(async () => {
    await page.goto(`${rig.server.url}/run`);
    await page.getByRole('listbox', { name: 'Modules' }).waitFor();
  });

  const option = (name: string) => page.getByRole('option', { name });
  const runButton = () => page.getByRole('button', { name: /^Run on/ });
  const runs = async () => (await rig.client.call('runs.list', {})).items;
  const ready = () => expect.poll(() => runButton().isEnabled(), { timeout: 20_000 }).toBe(true);

  it('goes from home to the result in three clicks, by mouse alone', async () => {
    await option('site.read').click();
    await page.getByLabel('Select h-001').click();
    await ready();
    await runButton().click();
    await page.waitForURL(/\/runs\//);
    await page.getByText('succeeded').first().waitFor();
    await page.getByText('I am well').first().waitFor();
  });

  it('shows the first error line of what failed without a further action', async () => {
    await option('site.fails').click();
    await page.getByRole('button', { name: 'Select all 3 matching' }).click();
    await ready();
    await runButton().click();
    await page.getByText('partly succeeded').first().waitFor();
    await page.getByText('the disk is full').first().waitFor();
    expect((await runs())[0]).toMatchObject({ state: 'partly_succeeded', counts: { ok: 2, failed: 1 } });
  });

  it('starts nothing dangerous by Enter, double click or shortcut; only by the words and a reason, and then once', async () => {
    const before = (await runs()).length;
    await option('site.destroy').click();
    await page.getByLabel('Select h-001').click();
    await page.getByLabel('Select h-003').click();
    await ready();
    await page.keyboard.press('Control+Enter');
    const gate = page.getByRole('dialog');
    await gate.waitFor();
    const go = gate.getByRole('button', { name: /^Run on 2/ });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    expect(await go.isDisabled()).toBe(true);
    const label = (await gate.locator('label').first().textContent()) ?? '';
    const [, phrase = ''] = /Type (.+) to confirm/.exec(label) ?? [];
    expect(phrase).not.toBe('');
    await gate.getByLabel(/to confirm/).fill(phrase.slice(0, -1));
    await page.keyboard.press('Enter');
    await gate.getByLabel(/to confirm/).fill(phrase);
    await page.keyboard.press('Enter');
    expect(await runs()).toHaveLength(before);
    await gate.getByLabel(/Why/).fill('because a test says so');
    await go.dblclick();
    await page.waitForURL(/\/runs\//);
    expect(await runs()).toHaveLength(before + 1);
  });

  it('fills in what a link asks for and starts nothing', async () => {
    const before = (await runs()).length;
    await page.goto(`${rig.server.url}/run?module=site.read&targets=h-00[1-2]`);
    await page.getByText('This was filled in by a link').waitFor();
    await ready();
    expect(await runButton().textContent()).toContain('Run on 2 servers');
    expect(await runs()).toHaveLength(before);
  });

  it('shows hostile output as text', async () => {
    await page.goto(`${rig.server.url}/run?module=site.evil&targets=h-001`);
    await ready();
    await runButton().click();
    await page.getByText('succeeded').first().waitFor();
    await page.getByText('onerror').first().waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  });

  it('met no error of the page in all of this', () => {
    expect(errors).toEqual([]);
  });
});
