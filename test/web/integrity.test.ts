import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { enrolInPage } from './people.ts';

describe.skipIf(!has('chromium'))('the integrity of the audit', () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await buildWeb();
    server = await startServer();
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    await enrolInPage(page, server.url, server.firstInviteLink() ?? '', 'ada');
    await page.getByRole('link', { name: 'Audit', exact: true }).click();
    await page.getByRole('link', { name: 'Integrity' }).click();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const verify = () => page.getByRole('button', { name: 'Verify the ledger' }).click();
  const verdict = () => page.getByRole('status').filter({ hasText: 'events in' });

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
    const db = openDatabase({ kind: 'sqlite', file: join(server.dataDir, 'omserver.db') });
    const event = await db.knex('action_events').orderBy('id').first('id');
    await db.knex('action_events').where({ id: event.id }).update({ action: 'nothing' });
    await db.close();
    await verify();
    await verdict().getByText('Not intact').waitFor();
    const finding = verdict().getByRole('listitem').first();
    expect(await finding.textContent()).toBe(`Block 0 · ${event.id}The event was changed.`);
  });
});
