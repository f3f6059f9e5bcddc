import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../apps/server/src/db/database.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { freePort } from '../lab/ports.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { wear } from './looks.ts';
import { enrolInPage } from './people.ts';

describe.skipIf(!has('chromium'))('the integrity of the audit', () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await buildWeb();
    const webhook = `http://127.0.0.1:${await freePort()}/?token=the-token`;
    server = await startServer({ env: { OM_CHECKPOINT_WEBHOOK: webhook } });
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    await enrolInPage(page, server.url, server.firstInviteLink() ?? '', 'ada');
    await onDatabase((knex) =>
      waitFor('the webhook fails', () => knex('checkpoint_targets').whereNotNull('failure').first()),
    );
    await page.getByRole('link', { name: 'Audit', exact: true }).click();
    await page.getByRole('link', { name: 'Integrity' }).click();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function onDatabase<T>(work: (knex: Database['knex']) => Promise<T>): Promise<T> {
    const db = openDatabase({ kind: 'sqlite', file: join(server.dataDir, 'omserver.db') });
    try {
      return await work(db.knex);
    } finally {
      await db.close();
    }
  }
  const verify = () => page.getByRole('button', { name: 'Verify the ledger' }).click();
  const verdict = () => page.getByRole('status').filter({ hasText: 'events in' });

  it('shows a target that checkpoints do not reach, and what to do, in both languages', async () => {
    await page.getByText('ECONNREFUSED').waitFor();
    const english = await page.locator('main').textContent();
    expect(english).toContain('Webhook: Failing');
    expect(english).toContain('It cannot be reached. See that it runs, and that firewalls let the server through.');
    expect(english).toMatch(/File: (Arriving|Nothing sent yet)/);
    expect(english).toMatch(/\d checkpoints? behind/);
    expect(english).not.toContain('the-token');
    await wear(page, { theme: 'dark', language: 'zh' });
    await page.getByText('Webhook: 发送失败').waitFor();
    await page.getByText('无法连接。请确认它在运行，且防火墙放行本服务器。').waitFor();
    await wear(page, { theme: 'light', language: 'en' });
  });

  it('has its entry in view on a phone, where the line of sections is longer than the screen', async () => {
    const wide = page.viewportSize() ?? { width: 1280, height: 800 };
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    const entry = page.getByRole('link', { name: 'Integrity', exact: true });
    await page.getByRole('button', { name: 'Verify the ledger' }).waitFor();
    await waitFor('the entry is in view', async () => {
      const box = await entry.boundingBox();
      return box && box.x >= 0 && box.x + box.width <= 360;
    });
    await page.setViewportSize(wide);
  });

  it('says what it found, and what it cannot know without what was kept elsewhere', async () => {
    await verify();
    await verdict().getByText('Intact', { exact: true }).waitFor();
    await verdict().getByText('Completeness unknown').waitFor();
    await verdict().getByText('The key was taken from the database itself.').waitFor();
  });

  it('refuses a key that is none', async () => {
    await page.getByLabel('Public key that was kept elsewhere').fill('not a key');
    await verify();
    await page.getByRole('alert').getByText('INVALID_PARAMS').waitFor();
    await page.getByLabel('Public key that was kept elsewhere').fill('');
  });

  it('names the event that somebody changed in the database', async () => {
    const id = await onDatabase(async (knex) => {
      const event = await knex('action_events').orderBy('id').first('id');
      await knex('action_events').where({ id: event.id }).update({ action: 'nothing' });
      return event.id;
    });
    await verify();
    await verdict().getByText('Not intact').waitFor();
    const finding = verdict().getByRole('listitem').first();
    expect(await finding.textContent()).toBe(`Block 0 · ${id}The event was changed.`);
  });
});
