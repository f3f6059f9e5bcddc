import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentDouble, createAgentDouble } from '../audit/agentDouble.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { recordLine } from '../store/commandsRig.ts';
import { enrolInPage } from './people.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const look = `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')))`;
const verifyExport = fileURLToPath(new URL('../../docs/verify-export.mjs', import.meta.url));
const hostile = "echo '\\x1b]0;x\\x07' <img src=x onerror=alert(1)> \u202egpj.exe";

describe.skipIf(!has('chromium'))('commands seen on servers', () => {
  let server: TestServer;
  let admin: Operator;
  let agent: AgentDouble;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    server = await startServer();
    admin = await enrolAdmin(server);
    const { client } = admin;
    await client.call('credentials.add', { name: 'ops', secret: { kind: 'password', password: 'x' } });
    const host = await client.call('hosts.add', {
      host: { name: 'web-01', address: '192.0.2.1', user: 'ops', credential: 'ops' },
    });
    agent = await createAgentDouble(server, host.id);
    await send(
      1,
      ...Array.from({ length: 60 }, (_, i) => recordLine(`ls -l /srv/${i}`)),
      recordLine('systemctl restart nginx', { user: 'root', exit: '1' }),
      recordLine(hostile),
    );
    browser = await openBrowser();
    let context: BrowserContext;
    ({ page, context, errors } = await openPage(browser));
    await context.addInitScript(axe);
    const { link } = await client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, server.url, link, 'liu');
  });
  afterAll(async () => {
    await browser?.close();
    admin?.client.close();
    await server?.stop();
  });

  async function send(first: number, ...lines: string[]): Promise<void> {
    expect(await agent.send(first, lines)).toMatchObject({ status: 200 });
  }
  const table = () => page.getByRole('table', { name: 'Commands on servers' });
  const row = (text: string) => table().getByRole('row').filter({ hasText: text });

  it('are listed from the page of a server, and hostile ones are but text', async () => {
    await page.goto(`${server.url}/servers/host/web-01`);
    await page.getByRole('link', { name: 'Commands', exact: true }).click();
    await page.getByRole('button', { name: 'Remove the filter Server web-01' }).waitFor();
    const shown = await row('onerror').textContent();
    expect(shown).toContain("echo '⟨1b⟩]0;x⟨07⟩' <img src=x onerror=alert(1)> ⟨202e⟩gpj.exe");
    expect(shown).toContain('outside OManager');
    expect(await table().locator('img').count()).toBe(0);
    await row('onerror').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const details = page.getByRole('dialog');
    await details.getByText('systemctl restart nginx').waitFor();
    await details.getByText('root (uid 1000)').waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await details.getByRole('button', { name: 'Around this ±5 min' }).click();
    await page.getByRole('button', { name: /^Remove the filter Time/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('host')).toBe('web-01');
    await row('systemctl').waitFor();
    // A time that has an end is not live.
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
  });

  it('come live, wait while somebody reads further down, and what is missing stays in sight under any filter', async () => {
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await send(63, recordLine('whoami'));
    await row('whoami').waitFor();
    await row('/srv/59').hover();
    await page.mouse.wheel(0, 600);
    await page.getByText('Paused · 0 new').waitFor();
    // Two records never come.
    await send(66, recordLine('cat /etc/passwd'));
    await page.getByText('Paused · 2 new').waitFor();
    await page.getByRole('button', { name: 'Resume live' }).click();
    await row('cat /etc/passwd').waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await row('Records are missing').getByText('records 64 to 65 are missing').waitFor();
    await page.getByRole('searchbox').fill('passwd');
    await page.keyboard.press('Enter');
    await row('ls -l').first().waitFor({ state: 'detached' });
    await row('cat /etc/passwd').waitFor();
    await row('Records are missing').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'exit not 0' }).click();
    await row('systemctl restart nginx').waitFor();
    await row('cat /etc/passwd').waitFor({ state: 'detached' });
  });

  it('lose a password that was typed, for ever and with a reason', async () => {
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await send(67, recordLine('mysql -pHunter2'));
    await row('Hunter2').click();
    const details = page.getByRole('dialog').filter({ hasText: 'User by the kernel' });
    await details.getByRole('button', { name: 'Erase text…' }).click();
    const ask = page.getByRole('dialog', { name: 'Erase the text of this command' });
    const erase = ask.getByRole('button', { name: 'Erase for ever' });
    expect(await erase.isDisabled()).toBe(true);
    await ask.getByLabel('Reason').fill('a password');
    expect(await page.evaluate(look)).toEqual([]);
    // The ledger must hold it first, which takes a second.
    await expect
      .poll(
        async () => {
          if (await erase.isVisible()) await erase.click();
          return ask.isHidden();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(true);
    await row('text erased').waitFor();
    expect(await page.content()).not.toContain('Hunter2');
    await page.getByRole('button', { name: 'exit not 0' }).click();
    await row('text erased').waitFor({ state: 'detached' });
  });

  it('are not among the programs that the kernel saw, which come by a chip of their own', async () => {
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await row('whoami').waitFor();
    const program = (text: string) =>
      recordLine(text, { kind: 'executed', number: '', exit: '', session: 'ses-3' }).replace('\tbash\t', '\texecve\t');
    await send(68, program("sh -c 'curl example.net'"), recordLine('typed beside it'));
    await row('typed beside it').waitFor();
    expect(await row('example.net').count()).toBe(0);
    await page.getByRole('button', { name: 'programs (auditd)' }).click();
    await row('example.net').getByText('auditd', { exact: true }).waitFor();
    await row('whoami').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('programs')).toBe('yes');
    // Live as well.
    await send(70, program('nc -l 4444'), recordLine('typed later'));
    await row('nc -l 4444').waitFor();
    expect(await row('typed').count()).toBe(0);
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByRole('button', { name: 'programs (auditd)' }).click();
    await row('typed later').waitFor();
    await page.getByRole('button', { name: 'exit not 0' }).click();
    await row('typed later').waitFor({ state: 'detached' });
  });

  it('are exported as the filter says', async () => {
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'JSONL' }).click();
    const file = await (await coming).path();
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ text: 'systemctl restart nginx', exit: 1 }]);
    const signature = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save signature' }).click();
    const signed = await signature;
    expect(signed.suggestedFilename()).toBe(`${(await coming).suggestedFilename()}.sig`);
    const { publicKey } = await admin.client.call('ledger.state', {});
    expect(
      execFileSync(process.execPath, [verifyExport, file, await signed.path(), publicKey ?? ''], { encoding: 'utf8' }),
    ).toMatch(/^SIGNED: 1 events \(commands\), exported by "liu"/);
    expect(errors).toEqual([]);
  });
});
