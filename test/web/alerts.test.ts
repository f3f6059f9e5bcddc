import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type AgentDouble, createAgentDouble } from '../audit/agentDouble.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { startSmtp } from '../lab/smtp.ts';
import { recordLine } from '../store/commandsRig.ts';
import { enrolInPage } from './people.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const look = `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')))`;

describe.skipIf(!has('chromium'))('alerts', () => {
  let server: TestServer;
  let admin: Operator;
  let agent: AgentDouble;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let hook: Server;
  const received: string[] = [];

  beforeAll(async () => {
    await buildWeb();
    hook = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (part: string) => received.push(part));
      request.on('end', () => response.end('{}'));
    }).listen(0, '127.0.0.1');
    server = await startServer({ env: { OM_ALERT_NETWORKS: '127.0.0.0/8' } });
    admin = await enrolAdmin(server);
    const { client } = admin;
    await client.call('credentials.add', { name: 'ops', secret: { kind: 'password', password: 'x' } });
    const host = await client.call('hosts.add', {
      host: { name: 'web-01', address: '192.0.2.1', user: 'ops', credential: 'ops' },
    });
    agent = await createAgentDouble(server, host.id);
    await send(1, 'gcore 17', 'ls');
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
    hook?.close();
  });

  async function send(first: number, ...commands: string[]): Promise<void> {
    const lines = commands.map((text) => recordLine(text));
    expect(await agent.send(first, lines)).toMatchObject({ status: 200 });
  }
  const row = (text: string) => page.getByRole('row').filter({ hasText: text });
  const form = (name: string) => page.getByRole('dialog', { name });

  it('come of rules that are tried on what is stored before they are saved', async () => {
    await page.goto(`${server.url}/audit/alerts/rules`);
    await page.getByText('No rule yet').waitFor();
    await page.getByRole('button', { name: 'Add rule' }).click();
    const rule = form('Add rule');
    await rule.getByLabel('Name').fill('core dumps');
    await rule.getByLabel('Pattern').fill('gcore(');
    await rule.getByRole('button', { name: 'Test on the last 7 days' }).click();
    await rule.getByText('A closing ) is missing.').waitFor();
    expect(await rule.getByLabel('Pattern').getAttribute('aria-invalid')).toBe('true');
    await rule.getByLabel('Pattern').fill('gcore(?=x)');
    await rule.getByText('A closing ) is missing.').waitFor({ state: 'detached' });
    await rule.getByRole('button', { name: 'Add rule' }).click();
    await rule.getByText('look-ahead is not supported).').last().waitFor();
    await rule.getByText(/From character 6: /).waitFor();
    await rule.getByLabel('Pattern').fill('\\bgcore\\b');
    await rule.getByRole('button', { name: 'Test on the last 7 days' }).click();
    await rule.getByText('One match.').waitFor();
    await rule.getByText('gcore 17').waitFor();
    await rule.getByText('critical').click();
    expect(await page.evaluate(look)).toEqual([]);
    await rule.getByRole('button', { name: 'Add rule' }).click();
    await row('core dumps').waitFor();
    await page.getByRole('button', { name: 'Starter rules' }).click();
    const starter = form('Starter rules');
    await starter.getByRole('button', { name: /^Add \d+ rules$/ }).click();
    await row('sudoers edited').waitFor();
    await row('core dumps').getByRole('button', { name: 'Edit' }).click();
    const edit = form('Rule core dumps');
    await edit.getByLabel('Only these servers').fill('web-01');
    await edit.getByRole('button', { name: 'Save' }).click();
    await row('core dumps').getByText('web-01').waitFor();
    const looks = page.getByRole('switch', { name: 'Rule core dumps looks at what comes' });
    for (const isOn of [false, true]) {
      await expect.poll(() => looks.isEnabled()).toBe(true);
      // Its box is beneath what is drawn.
      await looks.press('Space');
      await row('core dumps')
        .getByText('off', { exact: true })
        .waitFor({ state: isOn ? 'detached' : 'visible' });
      await expect.poll(() => looks.isChecked()).toBe(isOn);
    }
    expect(await page.evaluate(look)).toEqual([]);
  });

  it('are sent to targets, whose address never comes back', async () => {
    await page.getByRole('link', { name: 'Where alerts are sent' }).click();
    await page.getByRole('button', { name: 'Add target' }).click();
    const target = form('Add target');
    await target.getByLabel('Name').fill('on call');
    const { port }: Pick<AddressInfo, 'port'> = addressOf(hook);
    await target.getByLabel('Address', { exact: true }).fill(`http://127.0.0.1:${port}/hook?token=SesaMe`);
    expect(await page.evaluate(look)).toEqual([]);
    await target.getByRole('button', { name: 'Add target' }).click();
    await row('on call').getByRole('button', { name: 'Test' }).click();
    await page.getByText('on call has taken the test message.').waitFor();
    expect(received.join('')).toContain('test');
    expect(await page.content()).not.toContain('SesaMe');
    expect(await page.evaluate(look)).toEqual([]);
  });

  it('are sent by e-mail; another server wants the password anew', async () => {
    const smtp = await startSmtp();
    onTestFinished(() => smtp.close());
    await page.getByRole('button', { name: 'Add target' }).click();
    const added = form('Add target');
    const submit = added.getByRole('button', { name: 'Add target' });
    await added.getByLabel('Name').fill('ops');
    await added.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'E-mail' }).click();
    await added.getByLabel('Address', { exact: true }).fill(`smtp://127.0.0.1:${smtp.port}?tls=no`);
    await added.getByLabel('Sender').fill('om@example.com');
    await added.getByLabel('Receivers').pressSequentially('ops@example.com,lead@example.com,');
    await expect.poll(() => submit.isEnabled()).toBe(true);
    await added.getByLabel('Signs in as').fill('om');
    await added.getByText('User and password belong together.').waitFor();
    expect(await submit.isDisabled()).toBe(true);
    await added.getByLabel('Password', { exact: true }).fill('HuntEr2');
    expect(await page.evaluate(look)).toEqual([]);
    await submit.click();
    await row('ops').getByRole('button', { name: 'Edit' }).click();
    const edit = form('Target ops');
    expect(await edit.getByLabel('Sender').inputValue()).toBe('om@example.com');
    await edit.getByText('lead@example.com').waitFor();
    await edit.getByLabel('Address', { exact: true }).fill(`smtp://127.0.0.1:${smtp.port}?tls=no&again`);
    await edit.getByText('give it again').waitFor();
    expect(await edit.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await edit.getByLabel('Signs in as').fill('');
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'detached' });
    await row('ops').getByRole('button', { name: 'Test' }).click();
    await page.getByText('ops has taken the test message.').waitFor();
    expect(smtp.mails[0]).toMatch(/^To: ops@example\.com, lead@example\.com\r$/m);
    expect(await page.content()).not.toContain('HuntEr2');
    await row('ops').getByRole('button', { name: 'Remove' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Remove/ })
      .click();
    await row('ops').waitFor({ state: 'detached' });
  });

  it('come live, lead to the command, and go when somebody saw to them', async () => {
    await page.getByRole('link', { name: 'Alerts', exact: true }).last().click();
    await page.getByText('No alert is open').waitFor();
    // An alert keeps the beginning of a command; its details have the whole.
    const long = `gcore 18 ${'x'.repeat(1200)} end`;
    await send(3, long);
    await row('gcore 18').waitFor();
    const entry = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit', exact: true });
    await expect.poll(() => entry.getAttribute('aria-description')).toBe('One open alert');
    expect(await entry.innerText()).toContain('1');
    await expect.poll(() => received.join(''), { timeout: 30_000 }).toContain('gcore 18');
    expect(await page.evaluate(look)).toEqual([]);
    await row('gcore 18').click();
    const details = page.getByRole('dialog');
    await details.getByText('core dumps').waitFor();
    await details.getByText('outside OManager').waitFor();
    expect(await details.locator('pre').innerText()).toBe(long);
    const beside = details.getByRole('region', { name: 'On this server within 5 minutes of it' });
    expect(await beside.getByRole('listitem').filter({ hasText: 'gcore 17' }).count()).toBe(1);
    expect(await beside.locator('[aria-current]').innerText()).toContain('gcore 18');
    expect(await page.evaluate(look)).toEqual([]);
    await details.getByRole('button', { name: 'Acknowledge' }).click();
    await form('Acknowledge one alert').getByLabel('What came of it').fill('planned');
    await form('Acknowledge one alert').getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('No alert is open').waitFor();
    await expect.poll(() => entry.getAttribute('aria-description')).toBeNull();
    await page.getByRole('button', { name: 'acknowledged too' }).click();
    await row('seen to by liu').click();
    await details.getByText('planned').waitFor();
    await details.getByRole('link', { name: 'Around this ±5 min' }).click();
    const risk = page
      .getByRole('table', { name: 'Commands on servers' })
      .getByRole('row')
      .filter({ hasText: 'critical' });
    await risk.filter({ hasText: 'gcore 17' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('come from agents, whose panel leads to the composer; a retired key is shown when asked for', async () => {
    await page.goto(`${server.url}/audit/agents`);
    await row('web-01').getByText('reporting').waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByRole('button', { name: 'needs a look' }).click();
    await page.getByText('No agent like that').waitFor();
    await page.getByRole('button', { name: 'needs a look' }).click();
    await page.getByRole('searchbox', { name: 'Name of the server' }).fill('B-0');
    await page.keyboard.press('Enter');
    await row('web-01').waitFor();
    await page.getByRole('searchbox', { name: 'Name of the server' }).press('Escape');
    await row('web-01').getByRole('button', { name: 'Run for the agent of web-01' }).click();
    const leads = page.getByRole('menuitem', { name: 'Check the agent' });
    expect(await leads.getAttribute('href')).toBe('/run?module=audit.status&hosts=web-01');
    await page.keyboard.press('Escape');
    await row('web-01').getByRole('button', { name: 'Revoke' }).click();
    await form('Revoke the key of web-01').getByRole('button', { name: 'Revoke the key of web-01' }).click();
    await page.getByText('No server has an agent').waitFor();
    await page.getByRole('button', { name: 'retired keys too' }).click();
    await row('web-01').getByText('key revoked').waitFor();
    expect(errors).toEqual([]);
  });
});

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address;
}
