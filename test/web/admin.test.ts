import { encodeKey, generateKeyPair } from '@omanager/secure-channel';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { generateKey } from '../lab/keys.ts';
import { adminPassword } from '../lab/operators.ts';
import { outcomeOf, postRpc, type RawMessage } from '../lab/rawChannel.ts';
import { type Rig, runOn, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { readableScript } from './readableScript.ts';

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the administration', () => {
  let rig: Rig;
  let browser: Browser;
  /** Ada administers, bob is administered. */
  let ada: Page;
  let bob: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 1 });
    browser = await openBrowser();
    ({ page: ada, errors } = await openPage(browser));
    ({ page: bob } = await openPage(browser));
    for (const page of [ada, bob]) page.setDefaultTimeout(12_000);
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(ada, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const dialog = () => ada.getByRole('dialog');
  const row = (name: string | RegExp) => ada.getByRole('row', { name });
  /** Its button opens the dialog that asks; what cannot be undone wants the name of the thing. */
  async function takeAway(of: string | RegExp, button: string, submit: string, typed?: string): Promise<void> {
    await row(of).getByRole('button', { name: button }).click();
    const go = dialog().getByRole('button', { name: submit });
    await go.waitFor();
    if (typed !== undefined) {
      expect(await go.isDisabled()).toBe(true);
      await dialog().getByLabel(`Type ${typed} to confirm`).fill(typed);
    }
    await go.click();
    await dialog().waitFor({ state: 'detached' });
  }
  const section = (name: string) =>
    ada.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name, exact: true }).click();
  async function invite(prepare: () => Promise<void>): Promise<string> {
    await ada.getByRole('button', { name: 'Invite…' }).click();
    await prepare();
    await dialog().getByRole('button', { name: 'Make invite' }).click();
    const link = (await dialog().locator('code').textContent()) ?? '';
    await dialog().getByRole('button', { name: 'Done' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await ada.evaluate<string>(readableScript)).not.toContain(link.split('.').at(-1));
    return link;
  }
  const role = async (name: string, word: string) => {
    await ada.getByLabel(`Role of ${name}`).first().click();
    await ada.getByRole('option', { name: word }).click();
    await dialog()
      .getByRole('button', { name: `Make ${name} ${word}` })
      .click();
    await dialog().waitFor({ state: 'detached' });
  };

  it('invites somebody by a link that is shown once, and sees him come', async () => {
    await ada.goto(`${rig.server.url}/admin`);
    await ada.waitForURL(/\/admin\/users$/);
    const link = await invite(async () => {});
    await enrolInPage(bob, rig.server.url, link, 'bob');
    await row(/^bob/).waitFor();
    await section('Invites');
    await row(/A new user operator redeemed/)
      .first()
      .waitFor();
  });

  it('gives him another role: his page shows at once what he may do, and no more', async () => {
    const main = bob.getByRole('navigation', { name: 'Main navigation' });
    await bob.goto(`${rig.server.url}/servers/zones`);
    const add = bob.getByRole('button', { name: 'Add zone…' });
    await add.waitFor();
    await section('Users');
    await role('bob', 'viewer');
    await add.waitFor({ state: 'detached' });

    await role('bob', 'auditor');
    await main.getByRole('link', { name: 'Admin' }).click();
    await bob.getByRole('row', { name: /^ada administrator/ }).waitFor();
    expect(await bob.getByRole('button', { name: /Invite|Remove/ }).count()).toBe(0);

    await role('bob', 'viewer');
    await bob.getByText('Nothing here is yours to see').waitFor();
    expect(await bob.getByRole('row').count()).toBe(0);
  });

  it('offers nobody to lock themselves out, and the server never loses its last admin', async () => {
    expect(await row(/^ada/).getByRole('button').count()).toBe(0);
    expect(await ada.getByLabel('Role of ada').count()).toBe(0);
    const { client } = rig.admin;
    await client.call('users.setRole', { name: 'ada', role: 'auditor' });
    // The list stays, for an auditor may read it, without the buttons.
    await ada.getByLabel('Role of bob').first().waitFor({ state: 'detached' });
    for (const change of [
      () => client.call('users.setRole', { name: 'admin', role: 'viewer' }),
      () => client.call('users.remove', { name: 'admin' }),
    ])
      await expect(change()).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(/last admin; make somebody else/),
      });
    await client.call('users.setRole', { name: 'ada', role: 'admin' });
    await ada.getByLabel('Role of bob').first().waitFor();
  });

  it('ends his session, then his device, then him: his page says each time what to do', async () => {
    await section('Sessions');
    await takeAway(/ bob /, 'End…', 'End the session of bob');
    await bob.getByText('Your session has ended').waitFor();
    await bob.locator('input[autocomplete="current-password"]').fill(adminPassword);
    await bob.getByRole('button', { name: 'Sign in', exact: true }).click();
    await bob.getByText('Your session has ended').waitFor({ state: 'detached' });

    await section('Devices');
    const name = ((await row(/ bob /).getByRole('cell').first().textContent()) ?? '').trim();
    await takeAway(/ bob /, 'Revoke…', `Revoke device ${name}`, name);
    await bob.getByText('This device’s key was rejected').first().waitFor();
    await bob.getByText('Ask an admin for a new invite link.').first().waitFor();
    await row(/ bob .* revoked/).waitFor();

    await section('Users');
    const again = await invite(async () => {
      await dialog().getByText('A known user').click();
      await dialog().getByLabel('User name').fill('bob');
    });
    await enrolInPage(bob, rig.server.url, again, 'bob');
    await takeAway(/^bob/, 'Remove…', 'Remove user bob', 'bob');
    await row(/^bob .*removed/).waitFor();
    await bob.getByText('This device’s key was rejected').first().waitFor();
  });

  it('replaces a secret that it never shows, and servers are signed in to with the new one', async () => {
    const state = async () => (await runOn(rig.client, { module: 'system.version', selector: 'h-001' })).run.state;
    const stranger = generateKey();
    await section('Credentials');
    await row(/^lab SSH key/).waitFor();
    for (const [key, ends] of [
      [stranger, 'failed'],
      [rig.key, 'succeeded'],
    ] as const) {
      await row(/^lab/).getByRole('button', { name: 'Replace…' }).click();
      await dialog().getByLabel('Private key').fill(key.privateKey);
      await dialog().getByRole('button', { name: 'Replace the secret of lab' }).click();
      await dialog().waitFor({ state: 'detached' });
      expect(await state()).toBe(ends);
      const secret = key.privateKey.split('\n')[2] ?? '';
      expect(secret).not.toBe('');
      expect(await ada.evaluate<string>(readableScript)).not.toContain(secret);
    }
    await row(/^lab SSH key 3 /).waitFor();
    // In use: it can be replaced, not removed.
    expect(await row(/^lab/).getByRole('button', { name: 'Remove…' }).count()).toBe(0);

    await ada.getByRole('button', { name: 'Add credential…' }).click();
    await dialog().getByLabel('Name').fill('spare');
    await dialog().getByText('password', { exact: true }).click();
    await dialog().getByLabel('Password', { exact: true }).fill('a canary of a password');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await row(/^spare password/).waitFor();
    expect(await ada.evaluate<string>(readableScript)).not.toContain('a canary of a password');
    await takeAway(/^spare/, 'Remove…', 'Remove credential spare', 'spare');
    await row(/^spare/).waitFor({ state: 'detached' });
  });

  it('makes a token that works until it is revoked', async () => {
    await section('API tokens');
    await ada.getByRole('button', { name: 'Create token…' }).click();
    await dialog().getByLabel('Name').fill('pipeline');
    await dialog().getByRole('button', { name: 'Create', exact: true }).click();
    const secret = (await dialog().locator('code').textContent()) ?? '';
    await dialog().getByRole('button', { name: 'Done' }).click();
    const list = async () => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hosts.list', params: {} });
      const { answer } = await postRpc(rig.server.url, body, { authorization: `Bearer ${secret}` });
      return outcomeOf(answer as RawMessage);
    };
    expect(await list()).toBe('ok');
    expect(await ada.evaluate<string>(readableScript)).not.toContain(secret);
    await takeAway(/^pipeline/, 'Revoke…', 'Revoke token pipeline', 'pipeline');
    await row(/^pipeline .*revoked/).waitFor();
    expect(await list()).toBe('UNAUTHENTICATED');
  });

  it('admits a worker to a zone by its key, and revokes it', async () => {
    await rig.client.call('zones.save', { zone: { name: 'dmz', hostKeyPolicy: 'ask' } });
    await section('Workers');
    await ada.getByText('No workers').waitFor();
    await ada.getByRole('button', { name: 'Admit worker…' }).click();
    await dialog().getByLabel('Name').fill('dmz-1');
    await dialog().getByLabel('Zone').first().click();
    await ada.getByRole('option', { name: 'dmz' }).click();
    await dialog()
      .getByLabel(/^Public key/)
      .fill(encodeKey(generateKeyPair().publicKey));
    await dialog().getByRole('button', { name: 'Add' }).click();
    await row(/^dmz-1 .*admitted, never seen/).waitFor();
    await takeAway(/^dmz-1/, 'Revoke…', 'Revoke worker dmz-1', 'dmz-1');
    await row(/^dmz-1 .*revoked/).waitFor();
  });

  it('without an error of the page', () => {
    expect(errors).toEqual([]);
  });
});
