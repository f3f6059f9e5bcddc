/**
 * `npm run screenshots`: every screen, wide and as on a phone, light and dark, in English and Chinese, into
 * docs/screenshots. The servers are simulated: a made-up shop of 150 servers, some of which fail.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { startFleet } from '../lab/fleet.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { type Look, looks, wear } from './looks.ts';
import { enrolInPage } from './people.ts';
import { fillShop, runInShop, shopServers } from './shop.ts';
import { auditShop } from './shopAudit.ts';
import { mainViews, openedViews, otherViews, runViews, show } from './views.ts';

const out = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
const sizes = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
] as const;
/** Two of the four looks show all that a lesser screen can have wrong. */
const fewLooks = looks.slice(0, 2);

await using stack = new AsyncDisposableStack();
await buildWeb();
const fleet = await startFleet({ hosts: shopServers.length });
stack.defer(() => fleet.stop());
const { server, admin } = await newServer();
await fillShop(admin.client, fleet);
const { run, failed } = await runInShop(admin.client, fleet);
await auditShop(server, admin.client);
const runId = run.id;
await admin.client.call('tokens.create', { name: 'nightly-report', role: 'viewer' });
const empty = await newServer();
const browser = await openBrowser();
stack.defer(() => browser.close());
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const errors: string[] = [];
let pictures = 0;
const open: { page: Page; width: number }[] = [];
for (const size of sizes) {
  const page = await signedIn({ server, admin }, size, 'liu');
  open.push({ page, width: size.width });
  const many = [...mainViews('group:web/shop-web', 'shop-web-007'), ...runViews(runId, failed.ordinal)];
  for (const view of many) {
    await show(page, server.url, view);
    await take(page, view.name, size.width, looks);
  }
  for (const view of [...otherViews(runId, 'shop-web-007'), ...openedViews(runId, 'group:web/shop-web')]) {
    await show(page, server.url, view);
    await take(page, view.name, size.width, fewLooks);
  }
  const nothing = await signedIn(empty, size, 'zhang');
  for (const name of ['run', 'runs', 'servers', 'audit']) {
    await show(nothing, empty.server.url, { name, path: `/${name}` });
    await take(nothing, `empty-${name}`, size.width, fewLooks);
  }
  await signOut(nothing, empty.server, size.width);
  console.log(`${pictures} pictures, ${size.width} px`);
}
// The end of the server is the last picture.
for (const { page } of open) await show(page, server.url, { name: 'lost', path: `/runs/${runId}` });
await server.kill9();
for (const { page, width } of open) {
  await page
    .getByRole('status')
    .filter({ hasText: /Connection lost/ })
    .waitFor();
  await take(page, 'connection-lost', width, fewLooks);
}
if (errors.length > 0) throw new Error(`pages met errors: ${errors.join('\n')}`);

async function newServer(): Promise<{ server: TestServer; admin: Operator }> {
  const started = await startServer();
  stack.defer(() => started.stop());
  const person = await enrolAdmin(started);
  stack.defer(() => person.client.close());
  return { server: started, admin: person };
}

type Size = (typeof sizes)[number];
async function signedIn(to: { server: TestServer; admin: Operator }, size: Size, name: string): Promise<Page> {
  const { page, context } = await openPage(browser, size);
  page.on('pageerror', ({ message }) => errors.push(`${page.url()}: ${message}`));
  stack.defer(() => context.close());
  const { link } = await to.admin.client.call('invites.create', { role: 'admin' });
  await enrolInPage(page, to.server.url, link, `${name}-${size.width}`);
  return page;
}

/** Signing in: as it is, with the wrong password, and to a server that is away. */
async function signOut(page: Page, { url }: TestServer, width: number): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  const password = page.locator('input[autocomplete="current-password"]');
  await password.waitFor();
  await take(page, 'sign-in', width, fewLooks);
  await password.fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('Wrong credentials').waitFor();
  await take(page, 'sign-in-wrong', width, fewLooks);
  await page.getByRole('button', { name: 'Add profile from invite link' }).first().click();
  await page.getByLabel('Invite link').waitFor();
  await take(page, 'sign-in-invite', width, fewLooks);
}

async function take(page: Page, name: string, width: number, worn: readonly Look[]): Promise<void> {
  for (const look of worn) {
    await wear(page, look);
    // Two frames: the second shows what the first has laid out.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await page.screenshot({ path: join(out, `${name}-${width}-${look.theme}-${look.language}.png`) });
    pictures++;
  }
  await wear(page, { theme: 'light', language: 'en' });
}
