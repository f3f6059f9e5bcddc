/**
 * `npm run screenshots`: every screen, wide and as on a phone, light and dark, in English and Chinese, into
 * docs/screenshots. The servers are simulated: a made-up shop of 150 servers, some of which fail.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@omanager/client';
import type { Browser } from 'playwright-core';
import { buildWeb, openBrowser, openPage, type PageOptions } from '../lab/browser.ts';
import { type SimulatedFleet, startFleet } from '../lab/fleet.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { finished, start } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

const out = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

const applications = [
  { group: 'web/shop-web', count: 48, labels: { role: 'front' } },
  { group: 'web/search-api', count: 30, labels: { role: 'front', tier: '1' } },
  { group: 'web/img-cdn', count: 24, labels: { role: 'edge' } },
  { group: 'payments/pay-gateway', count: 24, labels: { role: 'api', pci: '' } },
  { group: 'cache/session-redis', count: 12, labels: { role: 'cache' } },
  { group: 'databases/order-mysql', count: 12, labels: { role: 'primary' } },
];
const names = applications.flatMap(({ group, count, labels }) =>
  Array.from({ length: count }, (_, i) => {
    const application = group.split('/')[1] ?? '';
    return { name: `${application}-${String(i + 1).padStart(3, '0')}`, group, labels };
  }),
);

await using stack = new AsyncDisposableStack();
await buildWeb();
const fleet = await startFleet({ hosts: names.length });
stack.defer(() => fleet.stop());
const server = await startServer();
stack.defer(() => server.stop());
const admin = await enrolAdmin(server);
stack.defer(() => admin.client.close());
await fillInventory(admin.client, fleet);
const runId = await runSomething(admin.client, fleet);
const browser = await openBrowser();
stack.defer(() => browser.close());

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const language of ['en', 'zh'] as const) {
  for (const theme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [1280, 800],
      [360, 740],
    ] as const)
      await pictures(browser, server, { width, height, theme, language });
  }
}

async function fillInventory(client: Client, { hosts, hostKey, userKey, username }: SimulatedFleet): Promise<void> {
  await client.call('credentials.add', { name: 'ops-prod', secret: { kind: 'key', privateKey: userKey.privateKey } });
  const drafts = hosts.map(({ address, port }, i) => {
    const { name = `h-${i}`, group = 'other', labels = {} } = names[i] ?? {};
    const environment = i % 8 === 7 ? 'staging' : 'prod';
    return { name, address, port, user: username, credential: 'ops-prod', environment, groups: [group], labels };
  });
  const text = JSON.stringify(drafts);
  const { digest, problems } = await client.call('hosts.importPreview', { format: 'yaml', text });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await client.call('hosts.importApply', { format: 'yaml', text, digest });
  const known = hosts.map(({ address, port }) => `[${address}]:${port} ${hostKey.publicLine}\n`).join('');
  await client.call('hostKeys.import', { text: known });
}

/** Two runs: one that went well, and one that did not everywhere. */
async function runSomething(client: Client, { behave }: SimulatedFleet): Promise<string> {
  await behave({ output: 'CentOS Linux release 7.9.2009 (Core)\nLinux 3.10.0-1160.119.1.el7.x86_64\n', latencyMs: 20 });
  await finished(client, (await start(client, { module: 'system.version', selector: '*' })).id);
  const lines = 'Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1        40G';
  await behave({ output: `${lines}   21G   19G  53% /\n`, latencyMs: 30 });
  await behave(
    { output: `${lines}   40G     0 100% /\ndf: /var/cache: No space left on device\n`, exitCode: 1 },
    [6, 21, 30],
  );
  await behave({ output: `${lines}   38G    2G  95% /\n` }, [50, 51, 52, 53]);
  await behave({ refuseSignIn: true }, [110, 111]);
  const { id } = await start(client, {
    module: 'system.disk',
    selector: '*',
    rollout: { canary: 1, waves: [15, '100%'] },
  });
  await finished(client, id);
  return id;
}

async function pictures(of: Browser, { url }: TestServer, options: Required<PageOptions>): Promise<void> {
  const { width, theme, language } = options;
  const { page, context, errors } = await openPage(of, { ...options, language: 'en' });
  const { link } = await admin.client.call('invites.create', { role: 'admin' });
  await enrolInPage(page, url, link, `liu-${width}-${theme}-${language}`);
  await page.evaluate(`localStorage.setItem('om.preferences', '${JSON.stringify({ language })}')`);
  const screens: Record<string, string> = {
    run: '/run?module=service.restart&targets=group:web/shop-web',
    runs: '/runs',
    'run-page': `/runs/${runId}`,
    log: `/runs/${runId}/log/6`,
    servers: '/servers?host=shop-web-007',
    modules: '/modules/service.restart',
    editor: '/modules/_new',
    audit: '/audit',
    users: '/admin/users',
    credentials: '/admin/credentials',
    settings: '/settings',
  };
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(`${url}${path}`);
    await page.locator('main').waitFor();
    await page.waitForLoadState('networkidle');
    if (name === 'run') await page.locator('[data-field="service"] input').fill('nginx');
    // Lists fill and the plan is made after what is on the page has settled.
    await page.waitForTimeout(900);
    await page.screenshot({ path: join(out, `${name}-${width}-${theme}-${language}.png`) });
  }
  await context.close();
  if (errors.length > 0) throw new Error(`the page met errors: ${errors.join('\n')}`);
  console.log(`${Object.keys(screens).length} screens, ${width} px, ${theme}, ${language}`);
}
