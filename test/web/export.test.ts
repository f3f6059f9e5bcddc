import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { finished, type Rig, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

const markup = '<img src=x onerror=canary(1)><script>canary(2)</script><a href="javascript:canary(3)">safe</a>';
const formula = '=HYPERLINK("http://127.0.0.1:1/","click")';
const modules = [
  {
    id: 'site.evil',
    title: { en: `Evil ${markup}`, zh: '恶意' },
    shell: `printf '%s\\n' '${formula}' '${markup}' '漢字 \u202egnp.exe'`,
  },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('a run that is taken out as a file', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let runId: string;

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 2, modules });
    runId = (await start(rig.client, { module: 'site.evil', selector: '*' })).id;
    await finished(rig.client, runId);
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
    await page.goto(`${rig.server.url}/runs/${runId}`);
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  async function saved(entry: RegExp): Promise<{ name: string; bytes: Buffer }> {
    await page.getByRole('button', { name: 'Share' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: entry }).click();
    const file = await coming;
    const parts: Buffer[] = [];
    for await (const part of await file.createReadStream()) parts.push(Buffer.from(part));
    return { name: file.suggestedFilename(), bytes: Buffer.concat(parts) };
  }

  it('is a report that runs nothing, whatever servers wrote', async () => {
    const { name, bytes } = await saved(/HTML/);
    expect(name).toBe('run-1.html');
    const html = bytes.toString();
    expect(html).not.toMatch(/<(img|script|a)\b/i);
    const { page: reader } = await openPage(browser);
    const heard: number[] = [];
    await reader.exposeFunction('canary', (way: number) => heard.push(way));
    await reader.setContent(html, { waitUntil: 'load' });
    const shown = await reader.locator('body').innerText();
    expect(shown.split(markup)).not.toHaveLength(1);
    expect(shown).toContain('漢字');
    expect(shown).not.toContain('\u202e');
    expect(heard).toEqual([]);
    await reader.close();
  });

  it('is a table whose cells never start a formula', async () => {
    const { name, bytes } = await saved(/CSV/);
    expect(name).toBe('run-1.csv');
    const text = bytes.toString();
    expect(text).toContain('"name","address","zone"');
    expect(text.split(/\r?\n/).filter((line) => /^"?h-00[12]/.test(line))).toHaveLength(2);
    expect(text).toContain('HYPERLINK');
    expect(text).not.toMatch(/(^|,)"?=HYPERLINK/m);
  });

  it('is data that says what each server wrote, or one log for each', async () => {
    const { bytes } = await saved(/JSONL/);
    const rows = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { name: 'h-001', state: 'ok' },
      { name: 'h-002', state: 'ok' },
    ]);
    expect(rows[0].stdout).toContain(`${formula}\n${markup}`);
    const zip = await saved(/ZIP/);
    expect(zip.name).toBe('run-1.zip');
    expect(zip.bytes.subarray(0, 2).toString()).toBe('PK');
    expect(zip.bytes.includes('00001-h-001-1.log')).toBe(true);
  });

  it('is on record each time, with what was taken', async () => {
    const { items } = await rig.client.call('audit.list', { action: 'runs.export' });
    expect(items.map(({ actorName, details }) => [actorName, details.format])).toEqual(
      ['zip', 'jsonl', 'csv', 'html'].map((format) => ['ada', format]),
    );
  });
});
