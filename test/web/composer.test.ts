import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type ModuleFile, type Rig, runOn, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience, runButton } from './steps.ts';

const modules: ModuleFile[] = [
  {
    id: 'site.form',
    risk: 'read',
    params: {
      lines: { type: 'integer', default: 10, minimum: 1, maximum: 50 },
      service: { type: 'string', required: true, pattern: '^[a-z]+$' },
      from: { type: 'string', enum: ['file', 'url'], default: 'file', required: true },
      address: { type: 'string', required: true, 'x-when': { from: { const: 'url' } } },
      strict: { type: 'boolean', required: true },
      token: { type: 'string', secret: true },
    },
    shell: 'echo "$service $strict"',
  },
  { id: 'site.change', risk: 'change', shell: 'echo changed' },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the composer', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 2, modules });
    await rig.addUser('live-1', { environment: 'prod' });
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const field = (name: string) => page.locator(`[data-field="${name}"] input`).first();
  const open = async (query: Record<string, string>) => {
    await page.goto(`${rig.server.url}/run?${new URLSearchParams(query)}`);
  };
  const hasFocus = async (one: Locator) => (await one.and(page.locator(':focus')).count()) === 1;
  const runs = async () => (await rig.client.call('runs.list', {})).items.length;
  const ready = () => expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);

  it('takes servers, module and params of a link, says so, and runs nothing', async () => {
    const before = await runs();
    const params = JSON.stringify({ lines: 7, service: 'nginx', from: 'url', address: 'x', token: 'leaked' });
    await open({ module: 'site.form', targets: 'h-001', params });
    await page.getByText('This was filled in by a link').waitFor();
    await page.getByText('left out: token').waitFor();
    expect(page.url()).toBe(`${rig.server.url}/run`);
    expect(await field('lines').inputValue()).toBe('7');
    expect(await field('address').inputValue()).toBe('x');
    expect(await field('token').inputValue()).toBe('');
    await ready();
    expect(await runs()).toBe(before);
  });

  it('says what is wrong with a link, and cleans the address', async () => {
    await open({ module: 'no.such', targets: '&&', params: '{' });
    const banner = page.getByRole('alert').filter({ hasText: 'The link' });
    await banner.getByText('no.such').first().waitFor();
    await banner.getByText('&&').first().waitFor();
    await banner.getByText('no JSON').waitFor();
    await expect.poll(() => page.url(), patience).toBe(`${rig.server.url}/run`);
    await banner.getByRole('button', { name: 'Close' }).click();
    expect(await banner.count()).toBe(0);
  });

  it('plans nothing with mistakes: each is said at its field and on top, with a way there', async () => {
    await open({ module: 'site.form', targets: 'h-001' });
    await field('service').fill('Not a name');
    await field('service').press('Tab');
    await page.getByText('does not match').first().waitFor();
    expect(await runButton(page).count()).toBe(0);
    await field('lines').fill('99');
    await page.keyboard.press('Control+Enter');
    const problems = page.getByRole('region', { name: 'Please look at these fields:' });
    await expect.poll(() => hasFocus(problems), patience).toBe(true);
    await problems.getByRole('link', { name: 'lines' }).click();
    expect(await hasFocus(field('lines'))).toBe(true);
    await field('lines').fill('5');
    await field('service').fill('nginx');
    // A switch that must have a position has one: off.
    await ready();
    expect(await problems.count()).toBe(0);
  });

  it('asks for what belongs to a choice, only beside that choice', async () => {
    await open({ module: 'site.form', targets: 'h-001' });
    await field('service').fill('nginx');
    await ready();
    expect(await field('address').count()).toBe(0);
    await page.locator('[data-field="from"]').getByText('url', { exact: true }).click();
    await field('address').waitFor();
    expect(await runButton(page).count()).toBe(0);
    await page.locator('[data-field="from"]').getByText('file', { exact: true }).click();
    await ready();
  });

  it('fills in what the last run was given, and says whose it was', async () => {
    const params = { lines: 3, service: 'sshd', strict: true, token: 'hush' };
    await runOn(rig.client, { module: 'site.form', selector: 'h-002', params });
    await open({ module: 'site.form', targets: 'h-001' });
    await page.getByRole('button', { name: 'Fill from last run' }).click();
    await page.getByText(/filled in, without secrets · \w+/).waitFor();
    expect(await field('lines').inputValue()).toBe('3');
    expect(await field('service').inputValue()).toBe('sshd');
    expect(await field('token').inputValue()).toBe('');
    await ready();
  });

  it('asks for a yes before a change in production, and Enter at once is none', async () => {
    const before = await runs();
    await open({ module: 'site.change', targets: 'h-001' });
    await ready();
    expect(await runButton(page).textContent()).not.toContain('…');
    await open({ module: 'site.change', targets: 'live-1' });
    await ready();
    await runButton(page).click();
    const gate = page.getByRole('dialog');
    await gate.getByText('PROD').waitFor();
    const cancel = gate.getByRole('button', { name: 'Cancel' });
    await expect.poll(() => hasFocus(cancel), patience).toBe(true);
    await page.keyboard.press('Enter');
    await gate.waitFor({ state: 'detached' });
    expect(await runs()).toBe(before);
    await runButton(page).click();
    await gate.getByRole('button', { name: /^Run on 1/ }).click();
    await page.waitForURL(/\/runs\//);
    expect(await runs()).toBe(before + 1);
  });

  it('shows one part at a time on a phone, and a sheet where there is little room', async () => {
    await page.setViewportSize({ width: 1100, height: 800 });
    await open({ module: 'site.change', targets: 'h-001' });
    await page.getByRole('button', { name: 'Review…' }).click();
    await expect.poll(() => page.getByRole('dialog').getByText('echo changed').count(), patience).toBe(1);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('tab', { name: /^Servers/ }).click();
    await page.getByLabel('Select h-002').check();
    await page.getByRole('button', { name: 'Next: Form' }).click();
    await page.getByRole('button', { name: 'Next: Review' }).click();
    await expect.poll(() => runButton(page).textContent(), patience).toContain('Run on 2 servers');
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('met no error of the page in all of this', () => {
    expect(errors).toEqual([]);
  });
});
