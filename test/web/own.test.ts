import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, runOn, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience } from './steps.ts';

const modules = [{ id: 'site.works', risk: 'read', shell: 'echo works' }];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('what a person keeps, and a page that nobody sees', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  const frames = { sent: 0, received: 0 };

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 2, modules });
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    page.on('websocket', (socket) => {
      socket.on('framesent', () => frames.sent++);
      socket.on('framereceived', () => frames.received++);
    });
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  /** As on another device: this browser has forgotten everything but the sign-in. */
  const forgetHere = async () => {
    await page.evaluate(() => localStorage.removeItem('om.preferences'));
    await page.reload();
  };

  it('changes a key, which counts at once and on every device', async () => {
    await page.goto(`${rig.server.url}/settings`);
    await page.getByRole('button', { name: 'Change the key of “Show or hide the sidebar”' }).click();
    const heard = page.getByLabel('Press the new key');
    await heard.press('Control+j');
    await page.getByRole('dialog').getByText('Also means:').waitFor();
    await heard.press('Backspace');
    await heard.press('Alt+b');
    expect(await heard.inputValue()).toBe('Alt+B');
    await page.getByRole('button', { name: 'Save key' }).click();
    await page.getByRole('button', { name: 'Reset “Show or hide the sidebar”' }).waitFor();
    await forgetHere();
    await page.getByRole('button', { name: 'Reset “Show or hide the sidebar”' }).click();
    await page.getByRole('button', { name: 'Reset “Show or hide the sidebar”' }).waitFor({ state: 'detached' });
  });

  it('keeps servers under a name for everybody, and offers nothing to change while it is locked', async () => {
    await page.goto(`${rig.server.url}/run?module=site.works&targets=h-001`);
    await page.getByText('1 selected').first().waitFor();
    const sets = page.getByRole('button', { name: 'Server sets' });
    const save = page.getByRole('menuitem', { name: 'Save what is selected…' });
    await page.keyboard.press('Control+Shift+L');
    await sets.click();
    await save.waitFor();
    expect(await save.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await save.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+Shift+L');
    await sets.click();
    await save.click();
    await page.getByRole('dialog').getByLabel('Name').fill('first one');
    await page.getByRole('button', { name: 'Save set' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { items } = await rig.client.call('serverSets.list', {});
    expect(items).toMatchObject([{ name: 'first one', selector: 'h-001', savedBy: 'ada' }]);
    await rig.client.call('serverSets.save', { name: 'both', selector: 'h-*' });
    await page.reload();
    await sets.click();
    await page.getByRole('menuitem', { name: 'both', exact: true }).click();
    await page.getByText('2 selected').first().waitFor();
  });

  it('hears nothing while nobody sees it, and then all that was missed, once', async () => {
    const rows = () =>
      page
        .getByRole('table')
        .last()
        .getByRole('row')
        .evaluateAll((all) => all.slice(1).map((row) => row.children[1]?.textContent ?? ''));
    const show = (state: 'hidden' | 'visible') =>
      page.evaluate(`{
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
        document.dispatchEvent(new Event('visibilitychange'));
      }`);
    await runOn(rig.client, { module: 'site.works', selector: 'h-*' });
    await page.goto(`${rig.server.url}/runs`);
    await expect.poll(rows, patience).toEqual(['#1']);
    const before = { ...frames };
    await show('hidden');
    // My runs and the list: two streams are stopped, and the server says so.
    await expect.poll(() => frames.received - before.received, patience).toBeGreaterThanOrEqual(2);
    // Answers to what was asked before may still come: until nothing does.
    let quiet = -1;
    const settled = () => {
      const same = quiet === frames.received;
      quiet = frames.received;
      return same;
    };
    await expect.poll(settled, { ...patience, interval: 500 }).toBe(true);
    await runOn(rig.client, { module: 'site.works', selector: 'h-*' });
    // A sign of life may be among them.
    expect(frames.received - quiet).toBeLessThanOrEqual(1);
    expect(await rows()).toEqual(['#1']);
    await show('visible');
    await expect.poll(rows, patience).toEqual(['#2', '#1']);
    await runOn(rig.client, { module: 'site.works', selector: 'h-*' });
    await expect.poll(rows, patience).toEqual(['#3', '#2', '#1']);
    expect(errors).toEqual([]);
  });
});
