import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { finished, hostName, type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { patience } from './steps.ts';

/** Calls the canary in every way that a page knows, and wants to be read as something else than it is. */
const markup = '<img src=x onerror=canary(1)><script>canary(2)</script><a href="javascript:canary(3)">safe</a>';
const unseen = '\u202egnp.exe\u2066\u200b\u0007\u0085';
const links = '\u001b]8;;javascript:canary(4)\u0007click\u001b]8;;\u0007\u001b]52;c;Y2FuYXJ5\u0007';
const evil = `${markup}${unseen}${links}`;
/** Another object each time: a manifest knows no aliases. */
const title = () => ({ en: `Evil ${markup}${unseen}`, zh: `恶意 ${markup}${unseen}` });
const quoted = evil.replaceAll("'", '');
const modules = [
  {
    id: 'site.evil',
    risk: 'destructive',
    title: title(),
    description: title(),
    params: {
      name: { type: 'string', title: title(), description: title(), default: evil },
      way: { type: 'string', enum: [evil, 'b'], title: title(), default: 'b' },
    },
    shell: `printf '%s\\n' '${quoted}'; printf '%s\\n' '${quoted}' >&2; [ "$OM_HOST" != h-002 ]`,
  },
];
/** As long as a name may be, in letters that are read from right to left. */
const longName = `a${'\u05d0'.repeat(199)}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('a page that is shown hostile text', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let runId: string;
  /** Calls of the canary, and what the page's policy had to prevent. */
  const heard: string[] = [];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3, modules });
    const { client } = rig;
    await client.call('hosts.update', {
      name: hostName(2),
      changes: { name: longName, environment: 'ש'.repeat(50), labels: { x: '\u05d0'.repeat(100) } },
    });
    const plan = { module: 'site.evil', selector: '*', params: { name: evil } };
    const { id } = await client.call('runs.plan', plan).then(async ({ id: planId, digest, gate }) =>
      client.call('runs.start', {
        ...{ planId, digest, runId: planId },
        ...(gate.kind === 'none' ? {} : { confirm: gate.phrase }),
        reason: `because ${evil}`,
      }),
    );
    await finished(client, id);
    runId = id;
    await client.call('runs.retry', { runId: id, states: ['failed'], confirm: 'default 1', reason: `again ${evil}` });
    await finished(client, id);
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    await page.exposeFunction('canary', (way: number) => heard.push(`canary ${way}`));
    await page.exposeFunction('prevented', (what: string) => heard.push(`prevented ${what}`));
    await page.addInitScript(
      "addEventListener('securitypolicyviolation', (e) => prevented(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`))",
    );
    const { link } = await client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  /** The text is there as text, nothing of it is anything else, and nothing of it can hide or reorder. */
  async function expectHarmless(): Promise<void> {
    expect(await page.locator('img[src="x"], a[href^="javascript"], [onerror]').count()).toBe(0);
    const [text, inputs, name] = await page.evaluate<[string, string[], string]>(
      "[document.body.innerText, [...document.querySelectorAll('[title], [aria-label], [placeholder]')].flatMap((e) => [e.title, e.ariaLabel, e.placeholder].filter(Boolean)), document.title]",
    );
    for (const shown of [text, name, ...inputs]) expect(shown).not.toMatch(harmful);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(heard).toEqual([]);
  }

  it.each([
    ['the list of runs', '/runs', 'onerror='],
    ['the page of a run', '/runs/ID', 'onerror='],
    ['the log of one server', '/runs/ID/log/0', 'onerror='],
    ['the search in all logs', '/runs/ID/log?q=canary', 'onerror='],
    ['the timeline', '/runs/ID/timeline', 'onerror='],
    ['the details', '/runs/ID/details', 'because <img'],
    ['the attempts', '/runs/ID/attempts/1', 'onerror='],
    ['the servers', '/servers', longName.slice(0, 20)],
    ['one server', `/servers?host=${encodeURIComponent(longName)}`, longName.slice(0, 20)],
    ['the modules', '/modules/site.evil', 'Evil <img'],
    ['the composer', '/run?module=site.evil&targets=*', 'Evil <img'],
    ['the audit', '/audit', 'ada'],
    ['the devices', '/admin/devices', 'ada'],
  ])('shows %s', async (_, path, words) => {
    await page.goto(rig.server.url + path.replace('ID', runId));
    await expect.poll(() => page.locator('body').innerText(), patience).toContain(words);
    await expectHarmless();
  });

  it('shows it harmless in tabs, in its own title and in the palette', async () => {
    await page.goto(`${rig.server.url}/runs/${runId}`);
    await expect.poll(() => page.title(), patience).toContain('<img');
    await page.getByRole('navigation', { name: 'Open documents' }).getByText('onerror=').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('evil');
    await page.getByRole('dialog').getByText('onerror=').first().waitFor();
    await expectHarmless();
  });

  it('shows what somebody did, with the words that they gave', async () => {
    await page.goto(`${rig.server.url}/audit`);
    await page.getByRole('row').filter({ hasText: 'runs.start' }).first().click();
    await page.getByText('onerror=').first().waitFor();
    await expectHarmless();
  });

  it('believes no name that the server could not have: it fails, and says so', async () => {
    const db = openDatabase({ kind: 'sqlite', file: join(rig.server.dataDir, 'omserver.db') });
    try {
      await db
        .knex('hosts')
        .where({ name: longName })
        .update({ name: evil + 'x'.repeat(10_000) });
      await db.knex('run_hosts').where({ run_id: runId, ordinal: 0 }).update({ name: evil });
      await db.knex('runs').where({ id: runId }).update({ started_by: evil });
    } finally {
      await db.close();
    }
    for (const path of [`/runs/${runId}`, '/servers', '/runs', '/run']) {
      await page.goto(rig.server.url + path);
      await expect.poll(() => page.locator('main').innerText(), patience).toMatch(/Code INTERNAL|onerror=/);
      await expectHarmless();
    }
  });
});
