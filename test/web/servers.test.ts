import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { enrolInPage } from './people.ts';

/** Many more than a screen shows. */
const servers = 3000;

describe.skipIf(!has('chromium'))('the servers', () => {
  let server: TestServer;
  let admin: Operator;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    server = await startServer();
    admin = await enrolAdmin(server);
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await admin.client.call('invites.create', { role: 'operator' });
    page.setDefaultTimeout(10_000);
    await enrolInPage(page, server.url, link, 'olive');
  });
  afterAll(async () => {
    await browser?.close();
    admin?.client.close();
    await server?.stop();
  });

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const grid = () => page.getByRole('grid', { name: 'Servers' });
  const rows = () => grid().locator('[role=row][aria-selected]');
  const lines = () =>
    Array.from({ length: servers }, (_, i) => {
      const name = `web-${String(i).padStart(4, '0')}`;
      return `${name},10.1.${i >> 8}.${i & 255},${i % 3 === 0 ? 'lab' : 'prod'},${i % 2 === 0 ? 'web/www' : ''}`;
    });

  it('says that there are none, and imports them after a preview', async () => {
    await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Servers' }).click();
    await page.getByText('No servers yet').waitFor();
    await page.getByRole('link', { name: 'Import…' }).click();
    await page.getByRole('textbox', { name: /^Paste/ }).fill('name,address\nnot a name,');
    await button('Preview').click();
    await page.getByText('line 2:').first().waitFor();
    await page.getByText(/cannot be read/).waitFor();
    const buffer = Buffer.from(['name,address,environment,groups', ...lines()].join('\n'));
    await page.locator('input[type=file]').setInputFiles({ name: 'servers.csv', mimeType: 'text/csv', buffer });
    await button('Preview').click();
    await button(`Apply: ${servers} new, 0 changed, 0 removed`).click();
    await page.getByText(`Done: ${servers} added`).waitFor();
    expect((await admin.client.call('hosts.count', { selector: '*' })).total).toBe(servers);
  });

  it('shows a few of them, and any part when asked', async () => {
    await page.getByRole('link', { name: 'Back to servers' }).click();
    await page.getByRole('heading', { name: '3,000 servers' }).waitFor();
    expect(await grid().getAttribute('aria-rowcount')).toBe(String(servers + 1));
    await grid().getByText('web-0000').waitFor();
    expect(await rows().count()).toBeLessThan(100);
    await grid().focus();
    await page.keyboard.press('End');
    await grid().getByText('web-2999').waitFor();
    await page.getByRole('columnheader', { name: 'Server' }).getByRole('button').click();
    await expect.poll(() => rows().first().innerText()).toContain('web-2999');
    await page.getByRole('columnheader', { name: 'Server' }).getByRole('button').click();
  });

  it('filters by tree, by a part of a name and by selector, and says what is wrong with one', async () => {
    const tree = page.getByRole('tree');
    await tree.getByRole('treeitem', { name: /lab/ }).click();
    await page.getByRole('heading', { name: '1,000 servers' }).waitFor();
    const field = page.getByRole('textbox', { name: 'Name or selector' });
    await field.fill('web-000');
    await page.getByRole('heading', { name: '4 servers' }).waitFor();
    await field.fill('group:web & !web-000[0-6]');
    await page.getByRole('heading', { name: '498 servers' }).waitFor();
    await field.fill('label:');
    await page.getByRole('alert').filter({ hasText: 'cannot be read at character 7' }).waitFor();
    await field.fill('nowhere');
    await page.getByText('No server matches').waitFor();
    await button('Clear filters').click();
    await page.getByRole('heading', { name: '3,000 servers' }).waitFor();
  });

  it('chooses by keyboard, and says whether that means these servers or all that match', async () => {
    await grid().getByText('web-0000').waitFor();
    await grid().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('4 selected').waitFor();
    await page.keyboard.press('Control+a');
    await page.getByText('All 3,000 matching selected').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Space');
    await page.getByText('1 selected').waitFor();
  });

  it('puts the chosen into a category, and hands them to the composer', async () => {
    await button('More actions').click();
    await page.getByRole('menuitem', { name: 'Put into category…' }).click();
    await page.getByRole('combobox', { name: 'Category' }).fill('canaries');
    await button('Put 1 in').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { items } = await admin.client.call('hosts.list', { selector: 'group:canaries' });
    expect(items.map(({ name }) => name)).toEqual(['web-0003']);
    await button('Run module…').click();
    await page.waitForURL(/\/run(\?|$)/);
    await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Servers' }).click();
  });

  it('shows one server beside the table, changes it, and keeps the place in the address', async () => {
    await grid().getByText('web-0001').click();
    const panel = page.getByRole('region', { name: 'web-0001' });
    await panel.getByText('Nothing ran here yet').waitFor();
    expect(new URL(page.url()).searchParams.get('host')).toBe('web-0001');
    await panel.getByRole('button', { name: 'Edit…' }).click();
    await page.getByRole('textbox', { name: 'Port' }).fill('99999');
    await button('Save').click();
    await page.getByText(/65535/).waitFor();
    await page.getByRole('textbox', { name: 'Port' }).fill('2222');
    await page.getByRole('textbox', { name: 'Labels' }).fill('role=web\ncanary');
    await button('Save').click();
    await panel.getByText('10.1.0.1:2222').waitFor();
    expect(await admin.client.call('hosts.get', { name: 'web-0001' })).toMatchObject({
      port: 2222,
      labels: { role: 'web', canary: '' },
      environment: 'prod',
    });
    // Nothing is opened there while the read-only lock is on.
    await panel.getByRole('link', { name: 'Terminal' }).waitFor();
    await page.keyboard.press('Control+Shift+L');
    expect(await panel.getByRole('button', { name: 'Terminal' }).isDisabled()).toBe(true);
    await page.keyboard.press('Control+Shift+L');
    await panel.getByRole('button', { name: 'Next server' }).click();
    await page.getByRole('region', { name: 'web-0002' }).waitFor();
    await page.reload();
    await page.getByRole('region', { name: 'web-0002' }).waitFor();
  });

  it('is a list of cards on a phone, one server fills it', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('region', { name: 'web-0002' }).getByRole('button', { name: 'Close' }).click();
    const card = page.getByRole('listitem').filter({ hasText: 'web-0004' });
    await card.getByRole('checkbox').check();
    await page.getByText('1 selected').waitFor();
    await card.getByRole('button').click();
    const box = await page.getByRole('region', { name: 'web-0004' }).boundingBox();
    expect(box?.width).toBe(390);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  it('has nothing to complain about', () => {
    expect(errors).toEqual([]);
  });
});
