import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const look = `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')))`;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// Needs a browser, sshd and throw-away users: root on a machine with both.
describe.skipIf(!has('chromium', 'sshd', 'useradd', 'bash'))('files in the client', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let folder: string;

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 1, user: { shell: '/bin/bash' } });
    folder = join(rig.user.home, 'files');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'conf.txt'), 'listen 80\n运维\n<b>not bold</b>\n');
    writeFileSync(join(folder, '.hidden'), '');
    writeFileSync(
      join(folder, 'long.log'),
      Array.from({ length: 60_000 }, (_, i) => `line ${i} of a long log, with its words\n`).join(''),
    );
    symlinkSync('sub', join(folder, 'to-sub'));
    for (const path of [folder, join(folder, 'sub'), join(folder, 'conf.txt'), join(folder, '.hidden')])
      chownSync(path, rig.user.uid, rig.user.gid);
    browser = await openBrowser();
    let context: BrowserContext;
    ({ page, context, errors } = await openPage(browser));
    await context.addInitScript(axe);
    // Nobody is there who could choose a place: the browser downloads, but for where a test chooses.
    await context.addInitScript('delete window.showSaveFilePicker; delete window.showDirectoryPicker;');
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const act = async (name: string, what: string) => {
    await button(`Actions for ${name}`).click();
    await page.getByRole('menuitem', { name: what }).click();
  };
  const choose = (name: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });

  it('are reached from the page of a server, walked through and read', async () => {
    await page.goto(`${rig.server.url}/servers/host/h-001`);
    await page.getByRole('link', { name: 'Files', exact: true }).click();
    await row('files').click();
    await row('conf.txt').waitFor();
    expect(await row('.hidden').count()).toBe(0);
    await page.getByLabel('Hidden').check();
    await row('.hidden').waitFor();
    await row('to-sub').click();
    await page.getByText('Nothing is here').waitFor();
    expect(await page.getByLabel('Path', { exact: true }).inputValue()).toBe(join(folder, 'sub'));
    await page.goBack();
    await row('conf.txt').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('<b>not bold</b>').waitFor();
    await dialog.getByText('运维').waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await page.keyboard.press('Escape');
    // Larger than what is shown: its first MiB, and of that the lines in sight.
    await row('long.log').click();
    await dialog.getByText('line 0 ').waitFor();
    await dialog.getByText('Its first 1.0 MB are shown.').waitFor();
    expect(await dialog.locator('[role="region"] > div > div').count()).toBeLessThan(200);
    await dialog.getByRole('region').press('End');
    await dialog
      .getByText(/line 2\d{4} /)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate(look)).toEqual([]);
    await page.getByLabel('Path', { exact: true }).fill('/root');
    await page.keyboard.press('Enter');
    await page.getByText('Permission denied').waitFor();
    await page.goBack();
  });

  it('are put there and fetched byte for byte; over another only after a yes', async () => {
    const bytes = randomBytes(1_500_000);
    await choose('report 1.bin', bytes);
    await row('report 1.bin').waitFor();
    expect(sha256(readFileSync(join(folder, 'report 1.bin')))).toBe(sha256(bytes));
    await choose('conf.txt', Buffer.from('listen 81\n'));
    await page.getByText('There is something with this name already.').waitFor();
    expect(readFileSync(join(folder, 'conf.txt'), 'utf8')).toContain('listen 80');
    await button('Replace').click();
    await waitFor('it is replaced', () => readFileSync(join(folder, 'conf.txt'), 'utf8') === 'listen 81\n');
    const coming = page.waitForEvent('download');
    await act('report 1.bin', 'Download');
    const download = await coming;
    expect(download.suggestedFilename()).toBe('report 1.bin');
    expect(sha256(readFileSync(await download.path()))).toBe(sha256(bytes));
    // Where a place on the disk can be chosen it is written there as it comes.
    await page.evaluate(`window.showSaveFilePicker = async ({ suggestedName }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`);
    await act('report 1.bin', 'Download');
    await page.getByRole('listitem').filter({ hasText: 'Done' }).nth(3).waitFor();
    const written = await page.evaluate<string>(`navigator.storage.getDirectory()
      .then((folder) => folder.getFileHandle('report 1.bin')).then((file) => file.getFile()).then((file) => file.arrayBuffer())
      .then((bytes) => crypto.subtle.digest('SHA-256', bytes)).then((hash) => new Uint8Array(hash).toHex())`);
    expect(written).toBe(sha256(bytes));
    await page.evaluate('delete window.showSaveFilePicker');
    expect(await page.evaluate(look)).toEqual([]);
  });

  it('given up on the way up, leave nothing on the server', async () => {
    const half = join(rig.user.home, 'half.bin');
    writeFileSync(half, '');
    truncateSync(half, 300_000_000);
    const before = readdirSync(folder).sort();
    await page.locator('input[type=file]').setInputFiles(half);
    await page.getByRole('listitem').filter({ hasText: 'of 286.1 MB' }).waitFor();
    await waitFor('a part of it is there', () => readdirSync(folder).length > before.length);
    await button('Cancel half.bin').click();
    await page.getByRole('listitem').filter({ hasText: 'half.bin' }).getByText('Cancelled').waitFor();
    await waitFor('nothing is left of it', () => readdirSync(folder).sort().join() === before.join());
  });

  it('are made, renamed, given modes and removed', async () => {
    await button('New folder').click();
    await page.getByLabel('Name of the folder').fill('new');
    await button('Create folder').click();
    await row('new').waitFor();
    await act('conf.txt', 'Rename or move');
    await page.getByLabel('New path').fill('new/moved.txt');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename or move' }).click();
    await row('conf.txt').waitFor({ state: 'detached' });
    await row('new').click();
    await act('moved.txt', 'Set mode');
    await page.getByRole('group', { name: 'Others' }).getByLabel('read').uncheck();
    await button('Save').click();
    await row('moved.txt').getByText('-rw-r-----').waitFor();
    expect((statSync(join(folder, 'new', 'moved.txt')).mode & 0o777).toString(8)).toBe('640');
    await row('moved.txt').press('F2');
    await page.getByLabel('New path').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row('moved.txt').press('Backspace');
    await row('report 1.bin').waitFor();
    await row('new').press('Enter');
    await row('moved.txt').waitFor();
    // The table has the focus in each folder: nobody has to look for it.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Nothing is here').waitFor();
    expect(readdirSync(join(folder, 'new'))).toEqual([]);
  });

  it('are fetched and removed several at a time, each by its name', async () => {
    await page.getByLabel('Path', { exact: true }).fill(folder);
    await page.keyboard.press('Enter');
    for (const name of ['one.txt', 'two.txt']) {
      await choose(name, Buffer.from(name));
      await row(name).waitFor();
      await page.getByLabel(`Choose ${name}`).check();
    }
    const coming: string[] = [];
    page.on('download', (download) => coming.push(download.suggestedFilename()));
    await button('Download 2 files').click();
    await expect.poll(() => coming, { timeout: 30_000 }).toEqual(['one.txt', 'two.txt']);
    await page.getByLabel('Choose new').check();
    writeFileSync(join(folder, 'new', 'in-it'), '');
    expect(await page.evaluate(look)).toEqual([]);
    await button('Remove 3').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`${folder}/two.txt`).waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('is not empty').waitFor();
    expect(readdirSync(folder)).toContain('new');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('stand beside the terminal, and in front of it on a phone', async () => {
    await page.goto(`${rig.server.url}/terminal/h-001`);
    await page.locator('.xterm-rows').filter({ hasText: '$' }).waitFor();
    await button('Files').click();
    await row('files').waitFor();
    expect(await page.locator('.xterm').isVisible()).toBe(true);
    await page.setViewportSize({ width: 360, height: 740 });
    await row('files').waitFor();
    expect(await page.locator('.xterm').isVisible()).toBe(false);
    expect(await page.evaluate(look)).toEqual([]);
    await button('Close files').click();
    await page.locator('.xterm').waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.locator('.xterm').click();
    await page.keyboard.type('stty size; exit\n');
    await page.getByText('The shell has ended').waitFor();
  });

  it('of production are only read until its name was typed', async () => {
    const user = await rig.addUser('shop-1', { environment: 'production', shell: '/bin/bash' });
    await page.goto(`${rig.server.url}/files/shop-1`);
    await page.getByText('Production: files are only read here').waitFor();
    expect(await button('Upload').isDisabled()).toBe(true);
    // Else the browser would show the file that was dropped, in place of the page.
    const taken = await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'dropped.txt'));
      const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
      return !document.querySelector('section[aria-label="Files shop-1"]').dispatchEvent(drop);
    })()`);
    expect(taken).toBe(true);
    await page.getByText('Nothing was sent: type shop-1 above first.').waitFor();
    expect(readdirSync(user.home)).not.toContain('dropped.txt');
    await page.getByLabel('Type shop-1').fill('shop-1');
    await button('Allow changes').click();
    await page.getByText('Changes are allowed here').waitFor();
    await choose('put.txt', Buffer.from('x'));
    await row('put.txt').waitFor();
    expect(readdirSync(user.home)).toContain('put.txt');
  });

  it('are gone with the right to see them, a transfer under way as well', async () => {
    const huge = join(folder, 'huge');
    writeFileSync(huge, '');
    truncateSync(huge, 500_000_000);
    const { link } = await rig.client.call('invites.create', { role: 'operator' });
    const { page: theirs, context } = await openPage(browser);
    await context.addInitScript('delete window.showSaveFilePicker');
    await enrolInPage(theirs, rig.server.url, link, 'bob');
    await theirs.goto(`${rig.server.url}/files/h-001?path=${encodeURIComponent(folder)}`);
    await theirs.getByRole('button', { name: 'Actions for huge' }).click();
    await theirs.getByRole('menuitem', { name: 'Download' }).click();
    await theirs.getByRole('listitem').filter({ hasText: 'of 476.8 MB' }).waitFor();
    await rig.client.call('users.setRole', { name: 'bob', role: 'viewer' });
    await theirs.getByText('You may not see files of servers').waitFor();
    expect(await theirs.getByRole('row').count()).toBe(0);
    await waitFor('the reading of it ended', async () => {
      const { items } = await rig.client.call('audit.list', { object: `file:h-001:${huge}` });
      return items.some(({ action }) => action === 'files.sent');
    });
    await context.close();
    expect(errors).toEqual([]);
  });
});
