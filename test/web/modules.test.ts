import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { adminPassword, enrolUser } from '../lab/operators.ts';
import { outputOf, type Rig, runOn, startRig } from '../runs/rig.ts';

/** The machine may be busy. */
const patience = { timeout: 30_000 };

const manifest = (version: string, risk: string) => `id: site.hello
version: "${version}"
title: { en: Say hello, zh: 问好 }
risk: ${risk}
params:
  who: { type: string, required: true, pattern: "^[a-z]+$", title: { en: Who, zh: 对象 } }
shell: echo "hello $who"
`;

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the module library', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3 });
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    await enrol(page, 'ada', 'admin');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  async function enrol(onto: Page, name: string, role: 'admin' | 'operator'): Promise<void> {
    const { link } = await rig.client.call('invites.create', { role });
    await onto.goto(`${rig.server.url}/${link.slice(link.indexOf('#'))}`);
    await onto.getByLabel('User name').fill(name);
    await onto.getByLabel('New password', { exact: true }).fill(adminPassword);
    await onto.getByLabel('The same again', { exact: true }).fill(adminPassword);
    await onto.getByRole('button', { name: 'Enrol and sign in', exact: true }).click();
    await onto.getByRole('navigation', { name: 'Main navigation' }).waitFor();
  }

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const library = () =>
    page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Library' });
  const text = () => page.getByRole('textbox', { name: 'Manifest text' });

  it('says what is wrong with a text and where, and shows the form and the script that it makes', async () => {
    await library().click();
    await button(/^New module/).click();
    await text().fill(manifest('1.0.0', 'reed'));
    await page.getByRole('button', { name: /Line 4.*risk/ }).click();
    // The caret stands in line 4.
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.type('risk: read');
    await page.getByRole('status').filter({ hasText: 'No problems' }).waitFor();

    const who = page.getByLabel('Who');
    await who.fill('World');
    await page.locator('#param-who-error').waitFor();
    await who.fill('world');
    await page.getByText("who='world'").waitFor();
  });

  it('tries it on one server by way of the composer, which starts nothing by itself', async () => {
    await button(/^Test on one server/).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Server').first().fill('h-00');
    await page.getByRole('option', { name: 'h-002' }).click();
    await dialog.getByRole('button', { name: 'Review the test' }).click();
    // The editor has a field of this name too.
    await page.waitForURL(/\/run(\?|$)/);
    await page.getByRole('region', { name: 'Review' }).waitFor();
    await page.getByLabel('Who').fill('draft');
    const run = button(/^Run on 1 server/);
    await expect.poll(() => run.isEnabled(), patience).toBe(true);
    expect((await rig.client.call('runs.list', {})).items).toEqual([]);
    await run.click();
    await page.waitForURL(/\/runs\//);
    const lastRun = async () => (await rig.client.call('runs.list', {})).items[0];
    await expect.poll(async () => (await lastRun())?.state, patience).toBe('succeeded');
    const tried = await lastRun();
    expect(tried).toMatchObject({ total: 1, module: { id: 'site.hello', version: '1.0.0-draft' } });
    expect((await outputOf(rig.client, tried?.id ?? '', 0)).toString()).toBe('hello draft\n');
  });

  it('saves what was written before, and everybody can run it', async () => {
    await library().click();
    await button(/^New module/).click();
    expect(await text().inputValue()).toBe(manifest('1.0.0', 'read'));
    await button(/^Save/).click();
    await page.getByLabel('What is new').fill('says hello');
    await button('Save site.hello 1.0.0').click();
    await page.getByRole('heading', { name: 'Say hello' }).waitFor();

    const operator = await enrolUser(rig.admin, 'olive', 'operator');
    const { run } = await runOn(operator.client, { module: 'site.hello', selector: '*', params: { who: 'olive' } });
    expect(run).toMatchObject({ state: 'succeeded', module: { version: '1.0.0' } });
    operator.client.close();
  });

  it('bumps the version of the next text, and shows what changed', async () => {
    await button(/^More/).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await expect.poll(() => text().inputValue(), patience).toBe(manifest('1.0.1', 'read'));
    await text().fill(manifest('1.0.1', 'read').replace('hello $who', 'good day $who'));
    await expect.poll(() => button(/^Save/).isEnabled(), patience).toBe(true);
    await button(/^Save/).click();
    await page.getByLabel('What is new').fill('politer');
    await button('Save site.hello 1.0.1').click();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('From 1.0.0 to 1.0.1').waitFor();
    await page.getByText('shell: echo "good day $who"').waitFor();
    await page.getByText('2 lines added · 2 lines removed').waitFor();
  });

  it('finds it by name, id and pinyin, and takes it off offer', async () => {
    const search = page.getByRole('searchbox');
    for (const typed of ['hello', 'site.h', 'wh']) {
      await search.fill(typed);
      await page.getByRole('option', { name: /Say hello/ }).waitFor();
    }
    await search.fill('');
    await button(/^More/).click();
    await page.getByRole('menuitem', { name: /^Retire/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retire', exact: true }).click();
    await page.getByText('Retired by ada').waitFor();
    expect((await rig.client.call('modules.list', {})).items.map(({ id }) => id)).not.toContain('site.hello');
  });

  it('brings it back by keys alone', async () => {
    await button(/^More/).focus();
    await page.keyboard.press('Enter');
    const focused = () => page.locator(':focus').textContent();
    await page.getByRole('menuitem', { name: /^Restore/ }).waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press('ArrowDown');
        return focused();
      }, patience)
      .toMatch(/^Restore/);
    await page.keyboard.press('Enter');
    const restore = page.getByRole('dialog').getByRole('button', { name: 'Restore', exact: true });
    await restore.waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press('Tab');
        return focused();
      }, patience)
      .toBe('Restore');
    await page.keyboard.press('Enter');
    await page.getByText('Retired by ada').waitFor({ state: 'detached' });
    expect((await rig.client.call('modules.list', {})).items.map(({ id }) => id)).toContain('site.hello');
  });

  it('tells who may not write why', async () => {
    const { page: other } = await openPage(browser);
    await enrol(other, 'bob', 'operator');
    await other.goto(`${rig.server.url}/modules/site.hello/edit`);
    await other.getByText('You may read modules, not write them').waitFor();
    await other.getByRole('button', { name: 'Library' }).click();
    await other.getByRole('listbox').waitFor();
    expect(await other.getByRole('button', { name: 'New module' }).count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('has no serious barrier, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const path of ['/modules/service.restart', '/modules/_new']) {
      await page.goto(`${rig.server.url}${path}`);
      await page
        .getByRole('main')
        .getByRole(path === '/modules/_new' ? 'textbox' : 'listbox')
        .first()
        .waitFor();
      await page
        .getByText(/Checking|Loading/)
        .first()
        .waitFor({ state: 'detached' });
      await page.evaluate(axe.source);
      const found = await page.evaluate<string>(
        "axe.run('main').then((r) => JSON.stringify(r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200))])))",
      );
      expect(JSON.parse(found), path).toEqual([]);
    }
  });

  it('without an error of the page', () => {
    expect(errors).toEqual([]);
  });
});
