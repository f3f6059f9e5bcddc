import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { finished, type Rig, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience } from './steps.ts';

/** The first line is 磁盘已满, of GBK; one server says something else than the others. */
const says = `printf '\\264\\305\\305\\314\\322\\321\\302\\372\\n'
case $OM_HOST in h-003) echo "disk full" ;; *) echo "disk fine" ;; esac
echo "checked"`;
const modules = [{ id: 'test.disk', shell: says }];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the log of one server', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let log: string;

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3, modules });
    const { id } = await start(rig.client, { module: 'test.disk', selector: '*' });
    await finished(rig.client, id);
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
    log = `${rig.server.url}/runs/${id}/log/2`;
    await page.goto(log);
    await page.getByRole('log').getByText('disk full').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const times = () => page.getByRole('log').locator('time[datetime]');
  const readAs = (encoding: string) => page.getByRole('button', { name: `Read as: ${encoding}` });

  it('shows by a key when each line arrived, and remembers that', async () => {
    expect(await times().count()).toBe(0);
    await page.keyboard.press('t');
    await expect.poll(() => times().count(), patience).toBe(3);
    await page.reload();
    await expect.poll(() => times().count(), patience).toBe(3);
    const run = await rig.client.call('runs.get', { runId: 1 });
    const at = Date.parse((await times().first().getAttribute('datetime')) ?? '');
    expect(at).toBeGreaterThanOrEqual(Date.parse(run.createdAt));
    expect(at).toBeLessThanOrEqual(Date.parse(run.endedAt ?? ''));
    await page.keyboard.press('t');
    await expect.poll(() => times().count(), patience).toBe(0);
    expect(await page.getByRole('button', { name: 'Wrap' }).getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('w');
    await expect.poll(() => page.getByRole('button', { name: 'Wrap' }).getAttribute('aria-pressed')).toBe('true');
  });

  it('reads what is no UTF-8 as it was written, or as a person says', async () => {
    await page.getByRole('log').getByText('磁盘已满').waitFor();
    await readAs('Auto').click();
    await page.getByRole('menuitem', { name: 'UTF-8', exact: true }).click();
    await page.getByRole('log').getByText('磁盘已满').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('log').getByText('disk full').waitFor();
    expect(await page.getByRole('log').getByText('磁盘已满').count()).toBe(0);
    await readAs('UTF-8').click();
    await page.getByRole('menuitem', { name: 'GB18030' }).first().waitFor();
    await page.getByRole('menuitem', { name: 'Auto' }).click();
    await page.getByRole('log').getByText('磁盘已满').waitFor();
  });

  it('is held against the largest group or another server, under an address that says so', async () => {
    await page.keyboard.press('d');
    await page.getByText('− h-001 + h-003').waitFor();
    for (const text of ['磁盘已满', 'disk fine', 'disk full']) await page.getByText(text, { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Compare with' }).click();
    await page.getByRole('option', { name: 'h-002' }).click();
    await page.getByText('− h-002 + h-003').waitFor();
    expect(page.url()).toBe(`${log}?against=1`);
    await page.reload();
    await page.getByText('− h-002 + h-003').waitFor();
    await page.getByRole('button', { name: 'Back to the log' }).click();
    await page.getByRole('log').getByText('checked').waitFor();
    expect(page.url()).toBe(log);
  });
});
