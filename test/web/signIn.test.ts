import { encodeKey } from '@omanager/secure-channel';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../apps/server/src/features/access/totp.ts';
import { fromBase32 } from '../contract/base32.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { readableScript } from './readableScript.ts';

const password = 'canary battery staple 7';

let server: TestServer;
let admin: Operator;
let browser: Browser;
let page: Page;
let errors: string[];
let link = '';
let inviteCode = '';

beforeAll(async () => {
  await buildWeb();
  server = await startServer();
  browser = await openBrowser();
  admin = await enrolAdmin(server);
  ({ link } = await admin.client.call('invites.create', { role: 'admin' }));
  inviteCode = /\.([\w-]{20,200})$/.exec(link)?.[1] ?? '';
  ({ page, errors } = await openPage(browser));
});
afterAll(async () => {
  admin?.client.close();
  await browser?.close();
  await server?.stop();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const shell = () => page.getByRole('navigation', { name: 'Main navigation' });
const passwordField = () => page.locator('input[autocomplete="current-password"]');

it('enrols by the address that carries the invite, which is gone from the address bar at once', async () => {
  await page.goto(`${server.url}/${link.slice(link.indexOf('#'))}`);
  await page.getByLabel('User name').waitFor();
  expect(page.url()).toBe(`${server.url}/`);
  await expect.poll(() => page.getByLabel('Server fingerprint').textContent()).toMatch(/SHA256:[\w+/]{43}/);

  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('The same again', { exact: true }).fill('something else');
  await button('Enrol and sign in').click();
  await page.getByText('The two passwords differ.').waitFor();
  await page.getByLabel('The same again', { exact: true }).fill(password);
  await button('Enrol and sign in').click();
  await shell().waitFor();
});

it('stays signed in across a reload', async () => {
  await page.reload();
  await shell().waitFor();
});

it('leaves no credential where a script could read it', async () => {
  const all = await page.evaluate<string>(readableScript);
  expect(inviteCode).not.toBe('');
  for (const secret of [password, inviteCode]) expect(all).not.toContain(secret);
  expect(all).not.toContain('a readable key');
  // The device's key, and the one that seals the session.
  expect(all.match(/a (private|secret) key that cannot be read/g)?.sort()).toEqual([
    'a private key that cannot be read',
    'a secret key that cannot be read',
  ]);
  // A session's secret would be one more text of 43 characters: the server's key and its fingerprint are the only ones.
  const stored = await page.evaluate<string>('JSON.stringify(localStorage) + JSON.stringify(sessionStorage)');
  const long = stored.match(/(?<![\w/+-])[\w/+-]{43}(?![\w/+-])/g) ?? [];
  const serverKey = encodeKey(admin.serverPublicKey);
  expect(long.filter((text) => text !== serverKey && !stored.includes(`SHA256:${text}`))).toEqual([]);
});

it('lets the same person in again over the page when the session ends under it', async () => {
  await page.goto(`${server.url}/servers`);
  await shell().waitFor();
  await page.evaluate("document.body.setAttribute('data-same-page', '')");
  const { items } = await admin.client.call('sessions.list', {});
  const session = items.find(({ userName }) => userName === 'ada');
  await admin.client.call('sessions.revoke', { id: session?.id ?? '' });

  await page.getByText('Your session has ended').waitFor();
  expect(await page.getByLabel('User name').inputValue()).toBe('ada');
  await passwordField().fill(password);
  await button('Sign in').click();
  await expect.poll(() => page.getByText('Your session has ended').isVisible()).toBe(false);
  expect(new URL(page.url()).pathname).toBe('/servers');
  expect(await page.locator('body[data-same-page]').count()).toBe(1);
});

it('tells wrong credentials from a server that cannot be reached, and signs out without a trace', async () => {
  const account = page.getByRole('button', { name: /Account of ada/ });
  await account.click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await passwordField().waitFor();
  expect(await page.evaluate<string>(readableScript)).not.toContain(`session:${encodeKey(admin.serverPublicKey)}`);

  await passwordField().fill('not the password');
  await button('Sign in').click();
  await page.getByText('Wrong credentials').waitFor();
  await passwordField().fill(password);
  await button('Sign in').click();
  await shell().waitFor();
});

it('says that the connection is lost and comes back by itself', async () => {
  await server.kill9();
  await page.getByText(/Connection lost \d\d:\d\d:\d\d/).waitFor();
  await page.getByText('the run continues on OMServer').waitFor();
  await Promise.all([page.waitForEvent('websocket'), button('now').click()]);
  await server.restart();
  await expect.poll(() => page.getByText(/Connection lost/).isVisible(), { timeout: 20_000 }).toBe(false);
});

it('opens its shell without a server', async () => {
  await server.kill9();
  await page.reload();
  await page.getByText('Cannot reach the server').waitFor();
  await server.restart();
  await expect.poll(() => shell().isVisible(), { timeout: 30_000 }).toBe(true);
});

it('asks for the second factor where there is one', async () => {
  admin.client.retryNow();
  const careful = await enrolUser(admin, 'careful', 'operator');
  const { secret } = await careful.client.call('access.beginTotp', { password: careful.password });
  const code = (stepsAhead: number) => totpCode(fromBase32(secret), totpStep(Date.now()) + stepsAhead);
  await careful.client.call('access.confirmTotp', { code: code(-1) });
  careful.client.close();
  const again = await admin.client.call('invites.create', { role: 'operator', userName: 'careful' });

  const { page: other } = await openPage(browser);
  await other.goto(server.url);
  await other.getByLabel('Invite link').fill(again.link);
  await other.getByRole('button', { name: 'Continue' }).click();
  await other.getByLabel('User name').fill('careful');
  await other.getByLabel('New password', { exact: true }).fill(password);
  await other.getByLabel('The same again', { exact: true }).fill(password);
  await other.getByRole('button', { name: 'Enrol and sign in' }).click();
  await other.getByLabel('Code').fill('000000');
  await other.getByRole('button', { name: 'Confirm' }).click();
  await other.getByText('Wrong credentials').waitFor();
  await other.getByLabel('Code').fill(code(0));
  await other.getByRole('button', { name: 'Confirm' }).click();
  await other.getByRole('navigation', { name: 'Main navigation' }).waitFor();
});

it('never ran into its own policy', () => {
  expect(errors.filter((text) => /policy|violat|refused to/i.test(text))).toEqual([]);
});
