import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { zipEntries } from '../lab/zipEntries.ts';
import { finished, type Rig, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

/** Makes the device key readable, for this test only, and hears it and what the page seals: the secret of its session. */
const listening = `{
  const { generateKey, encrypt, exportKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.generateKey = async function (algorithm, _, usages) {
    const made = await generateKey.call(this, algorithm, true, usages);
    if (made.privateKey) secret('device key', (await exportKey.call(this, 'jwk', made.privateKey)).d);
    return made;
  };
  SubtleCrypto.prototype.encrypt = function (algorithm, key, data) {
    secret('session', new TextDecoder('latin1').decode(data));
    return encrypt.call(this, algorithm, key, data);
  };
}`;
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
  const secrets: { what: string; secret: string }[] = [];
  const taken: string[] = [];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 2, modules });
    runId = (await start(rig.client, { module: 'site.evil', selector: '*' })).id;
    await finished(rig.client, runId);
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    await page.exposeFunction('secret', (what: string, secret: string) => void secrets.push({ what, secret }));
    await page.addInitScript(listening);
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
    const bytes = Buffer.concat(parts);
    taken.push(bytes.toString('latin1'));
    return { name: file.suggestedFilename(), bytes };
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
    const files = zipEntries(zip.bytes);
    expect([...files.keys()]).toEqual(['00001-h-001-1.log', '00002-h-002-1.log', 'servers.csv']);
    expect(files.get('00001-h-001-1.log')?.toString()).toContain(`${formula}\n${markup}`);
    taken.push(...[...files.values()].map((file) => file.toString('latin1')));
  });

  it('holds no secret of the session or the device', async () => {
    await saved(/Text/);
    expect(new Set(secrets.map(({ what }) => what))).toEqual(new Set(['device key', 'session']));
    for (const { secret } of secrets) {
      expect(secret).toMatch(/.{20}/s);
      const hex = Buffer.from(secret, 'base64url').toString('hex');
      for (const file of taken) for (const form of [secret, hex]) expect(file.includes(form)).toBe(false);
    }
  });

  it('is on record each time, with what was taken', async () => {
    const { items } = await rig.client.call('audit.list', { action: 'runs.export' });
    expect(items.map(({ actorName, details }) => [actorName, details.format])).toEqual(
      ['txt', 'zip', 'jsonl', 'csv', 'html'].map((format) => ['ada', format]),
    );
  });
});
