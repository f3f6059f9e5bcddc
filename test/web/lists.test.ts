import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, runOn, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience } from './steps.ts';

const modules = [
  { id: 'site.works', risk: 'read', shell: 'echo works' },
  { id: 'site.fails', risk: 'read', shell: '[ "$OM_HOST" != h-001 ]' },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('lists of runs and of events', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 2, modules });
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
    await runOn(rig.client, { module: 'site.works', selector: 'h-*' });
    await runOn(rig.client, { module: 'site.fails', selector: 'h-*' });
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  /** The first cell of each row that says something of its own, by its position. */
  const column = (index: number) => () =>
    page
      .getByRole('table')
      .last()
      .getByRole('row')
      .evaluateAll((rows, at) => rows.slice(1).map((row) => row.children[at]?.textContent ?? ''), index);
  const runs = column(1);
  const actions = column(2);

  it('filters runs in the address, back and forth, and says how each day went', async () => {
    await page.goto(`${rig.server.url}/runs`);
    await expect.poll(runs, patience).toEqual(['#2', '#1']);
    await page.getByRole('button', { name: 'partly succeeded', exact: true }).click();
    await expect.poll(runs, patience).toEqual(['#2']);
    expect(page.url()).toContain('state=partly_succeeded');
    await page.goBack();
    await expect.poll(runs, patience).toEqual(['#2', '#1']);
    const chart = page.getByRole('figure', { name: 'Success by day' });
    await chart.getByText('1 of 2 runs').waitFor();
    await chart.getByRole('button', { name: /1 succeeded, 1 partly succeeded/ }).click();
    await expect.poll(() => new URL(page.url()).search, patience).toMatch(/^\?from=(\S{10})&to=\1$/);
    await page.getByRole('searchbox', { name: 'Title, selector or reason' }).fill('SITE.WORKS');
    await page.keyboard.press('Enter');
    await expect.poll(runs, patience).toEqual(['#1']);
    await page.reload();
    await expect.poll(runs, patience).toEqual(['#1']);
    await page.goto(`${rig.server.url}/runs?server=h-001&env=default`);
    await expect.poll(runs, patience).toEqual(['#2', '#1']);
  });

  it('keeps a filter under a name', async () => {
    await page.goto(`${rig.server.url}/runs?q=works`);
    await page.getByRole('button', { name: 'Saved filters' }).click();
    await page.getByRole('menuitem', { name: 'Save this filter…' }).click();
    await page.getByLabel('Name').fill('Those that work');
    await page.getByRole('button', { name: 'Save filter', exact: true }).click();
    await page.goto(`${rig.server.url}/runs`);
    await page.getByRole('button', { name: 'Saved filters' }).click();
    await page.getByRole('menuitem', { name: 'Those that work', exact: true }).click();
    await expect.poll(runs, patience).toEqual(['#1']);
  });

  it('shows a run of somebody else by itself, and leads to its retry', async () => {
    await page.goto(`${rig.server.url}/runs`);
    await expect.poll(runs, patience).toEqual(['#2', '#1']);
    await runOn(rig.client, { module: 'site.works', selector: 'h-001' });
    await expect.poll(runs, patience).toEqual(['#3', '#2', '#1']);
    await page.getByRole('row', { name: /#3.*1\/1/ }).waitFor();
    await page.getByRole('link', { name: 'Retry 1…' }).press('Enter');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^(Continue|Retry)/ })
      .waitFor();
  });

  it('finds an event by its words, shows it whole, and records who exports', async () => {
    await page.goto(`${rig.server.url}/audit?family=runs`);
    await page.getByRole('searchbox', { name: 'Anything in an event' }).fill('site.fails');
    await page.keyboard.press('Enter');
    await expect.poll(actions, patience).toEqual(['runs.start', 'runs.plan']);
    await page.getByRole('row', { name: /runs\.start/ }).press('Enter');
    await page.getByRole('dialog').getByText('"action": "runs.start"').waitFor();
    await page.getByRole('dialog').getByRole('link', { name: 'Open run' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Export' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'JSONL' }).click();
    expect((await saving).suggestedFilename()).toMatch(/^audit-.*\.jsonl$/);
    const { items } = await rig.client.call('audit.list', { action: 'audit.export' });
    expect(items.map(({ actorName, details }) => [actorName, details])).toEqual([
      ['ada', expect.objectContaining({ family: 'runs', text: 'site.fails' })],
    ]);
    expect(errors).toEqual([]);
  });
});
