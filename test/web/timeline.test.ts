import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Run } from '@omanager/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgentDouble } from '../audit/agentDouble.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { generateKey } from '../lab/keys.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { type SshServer, startShellServer } from '../lab/sshServer.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, start } from '../runs/rig.ts';
import { recordLine } from '../store/commandsRig.ts';
import { enrolInPage } from './people.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const look = `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')))`;

describe.skipIf(!has('chromium'))('joined evidence', () => {
  let server: TestServer;
  let admin: Operator;
  let ssh: SshServer;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let run: Run;

  beforeAll(async () => {
    await buildWeb();
    server = await startServer();
    admin = await enrolAdmin(server);
    const { client } = admin;
    const [key, hostKey] = [generateKey(), generateKey()];
    ssh = await startShellServer({
      ...{ hostKey: hostKey.privateKey, authorizedKeys: [key.publicLine], hostName: 'web-01' },
      env: { PATH: process.env.PATH, HOME: server.dataDir, LANG: 'C.UTF-8' },
    });
    await client.call('credentials.add', { name: 'ops', secret: { kind: 'key', privateKey: key.privateKey } });
    const host = await client.call('hosts.add', {
      host: { name: 'web-01', address: '127.0.0.1', port: ssh.port, user: 'ops', credential: 'ops' },
    });
    await client.call('hostKeys.import', { text: `[127.0.0.1]:${ssh.port} ${hostKey.publicLine}\n` });
    const command = 'echo the first; echo the second >&2; echo the third';
    const { id } = await start(client, { module: 'adhoc.command', selector: 'web-01', params: { command } });
    run = await finished(client, id);
    const time = String(Date.parse(run.createdAt) + 1);
    const agent = await createAgentDouble(server, host.id);
    const lines = [
      recordLine('rsync -a /new/ /srv/', { time, run: id, user: 'deploy' }),
      recordLine('vi /etc/hosts', { time, user: 'ada' }),
      recordLine('make coffee', { time: String(Date.parse(run.createdAt) - 3_600_000), user: 'ada' }),
    ];
    expect(await agent.send(1, lines)).toMatchObject({ status: 200 });
    // They are counted behind ingestion.
    await waitFor(
      'they are counted',
      async () => (await client.call('commands.activity', {})).users.length === 2,
      30_000,
      200,
    );
    browser = await openBrowser();
    const opened = await openPage(browser);
    ({ page, errors } = opened);
    await opened.context.addInitScript(axe);
    const { link } = await client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, server.url, link, 'liu');
  });
  afterAll(async () => {
    await browser?.close();
    admin?.client.close();
    await ssh?.stop();
    await server?.stop();
  });

  const row = (text: string) => page.getByRole('table').getByRole('row').filter({ hasText: text });

  it('a run shows what was typed on its servers meanwhile, and what of it is its own', async () => {
    await page.goto(`${server.url}/runs/${run.id}/details`);
    await page.getByRole('link', { name: 'Commands', exact: true }).click();
    await row('vi /etc/hosts').getByText('outside OManager').waitFor();
    expect(await row('rsync').getByRole('link', { name: 'Run' }).getAttribute('href')).toBe(`/runs/${run.id}`);
    expect(await row('make coffee').count()).toBe(0);
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByRole('button', { name: 'of this run' }).click();
    await row('vi /etc/hosts').waitFor({ state: 'detached' });
    await row('rsync').waitFor();
    await page.getByRole('button', { name: 'outside OManager' }).click();
    await row('rsync').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Open in Audit' }).click();
    await page.getByRole('button', { name: /^Remove the filter On servers of run/ }).waitFor();
    await row('vi /etc/hosts').waitFor();
  });

  it('its output is played like a terminal', async () => {
    await page.goto(`${server.url}/runs/${run.id}/log/0`);
    await page.getByRole('link', { name: 'Replay' }).click();
    await page.getByRole('button', { name: 'the third' }).waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.locator('.xterm-rows').getByText('the third').waitFor();
    await page.locator('.xterm-rows').getByText('the second').waitFor();
  });

  it('a server and a user have all that happened in one list', async () => {
    await page.goto(`${server.url}/servers/host/web-01`);
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await row('#1 Run a command').getByText('ok').waitFor();
    await row('hosts.add').waitFor();
    await row('make coffee').waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByRole('button', { name: 'Act', exact: true }).click();
    await row('make coffee').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await row('vi /etc/hosts').getByRole('link', { name: 'ada' }).click();
    await page.getByRole('heading', { name: 'User ada' }).waitFor();
    await row('make coffee').waitFor();
    expect(await row('rsync').count()).toBe(0);
    await page.getByText('2 commands').waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await row('make coffee').click();
    await page.getByRole('dialog').getByText('User by the kernel').waitFor();
  });

  it('activity says when, where and by whom, as bars and as a table', async () => {
    await page.goto(`${server.url}/audit/activity`);
    await page.getByText('67 % outside OManager').waitFor();
    await page.getByRole('table', { name: 'Commands by hour of the week' }).waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByText('Show as a table').click();
    expect(await page.getByRole('table', { name: 'Commands by day' }).getByRole('row').count()).toBe(31);
    await page.getByRole('link', { name: 'deploy' }).click();
    await page.getByText('0 % outside OManager').waitFor();
    await page.getByRole('button', { name: 'Remove the filter User deploy' }).waitFor();
    expect(errors).toEqual([]);
  });
});
