import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { adminPassword } from '../lab/operators.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { readableScript } from './readableScript.ts';
import { patience, runButton, runIt } from './steps.ts';

const secret = 'canary-of-a-param-93c1';
const kept = 'canary-of-a-credential-5f20';
const modules = [
  {
    id: 'site.secret',
    params: { token: { type: 'string', secret: true, title: { en: 'Token', zh: '令牌' }, required: true } },
    shell: 'echo "the token is $token"; echo "said again: $token" >&2',
  },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('secrets that a person gives to the page', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let runId = '';
  const said: string[] = [];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 1, modules });
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    page.on('console', (message) => said.push(message.text()));
    page.on('request', (request) => said.push(request.url(), request.postData() ?? ''));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  /** Everything that a script of the page, its console, its requests and the server's log could give away. */
  async function expectNowhere(...secrets: string[]): Promise<void> {
    const readable = await page.evaluate<string>(readableScript);
    for (const text of [readable, said.join('\n'), rig.server.logs()])
      for (const one of secrets) expect(text).not.toContain(one);
    expect(readable).not.toContain('a readable key');
  }

  it('are in no place that outlives the run they were for', async () => {
    await page.goto(`${rig.server.url}/run?module=site.secret&targets=h-001`);
    await page.getByLabel('Token').fill(secret);
    await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
    expect(await page.getByLabel('Review').textContent()).not.toContain(secret);
    ({ id: runId } = await runIt(page, rig));
    await page.getByRole('log').getByText('the token is ••••').waitFor();
    await page.getByRole('log').getByText('said again: ••••').waitFor();
    await expectNowhere(secret, adminPassword);
    for (const tab of ['details', 'timeline', 'attempts']) {
      await page.goto(`${rig.server.url}/runs/${runId}/${tab}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expectNowhere(secret, adminPassword);
    }
  });

  it('are not kept in the form for the next run', async () => {
    await page.goto(`${rig.server.url}/run?module=site.secret&targets=h-001`);
    await page.getByLabel('Token').waitFor();
    expect(await page.getByLabel('Token').inputValue()).toBe('');
    await expectNowhere(secret, adminPassword);
  });

  it('are not in the log that one takes out as a file', async () => {
    await page.goto(`${rig.server.url}/runs/${runId}/log/0`);
    await page.getByRole('log').getByText('the token is').waitFor();
    const coming = page.waitForEvent('download');
    await page
      .getByRole('button', { name: /Download/ })
      .first()
      .click();
    const file = await coming;
    const parts: Buffer[] = [];
    for await (const part of await file.createReadStream()) parts.push(Buffer.from(part));
    const text = Buffer.concat(parts).toString();
    expect(text).toContain('the token is ••••');
    expect(text).not.toContain(secret);
  });

  it('are gone from the page when a credential was added', async () => {
    await page.goto(`${rig.server.url}/admin/credentials`);
    await page.getByRole('button', { name: 'Add credential…' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('canary');
    await form.getByText('password', { exact: true }).click();
    await form.getByLabel('Password', { exact: true }).fill(kept);
    await form.getByRole('button', { name: 'Add' }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByText('canary', { exact: true }).first().waitFor();
    expect((await rig.client.call('credentials.list', {})).items.map(({ name }) => name)).toContain('canary');
    await expectNowhere(kept, secret, adminPassword);
  });
});
