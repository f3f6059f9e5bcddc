import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { finishedRecording, sit } from '../terminals/rig.ts';
import { enrolInPage } from './people.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const look = `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')))`;

describe.skipIf(!has('chromium', 'sshd', 'useradd', 'bash'))('terminals in the client', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 1, user: { shell: '/bin/bash' }, sshd: { config: ['AcceptEnv LC_*'] } });
    browser = await openBrowser();
    let context: BrowserContext;
    ({ page, context, errors } = await openPage(browser));
    await context.addInitScript(axe);
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const screen = () => page.locator('.xterm-rows');
  const shows = (text: string) => screen().filter({ hasText: text }).waitFor();

  it('opened from the page of a server: typed, shown, asked before several lines, left by a key, ended', async () => {
    await page.goto(`${rig.server.url}/servers/host/h-001`);
    await page.getByRole('link', { name: 'Terminal', exact: true }).click();
    await page.getByText('Recorded', { exact: true }).waitFor();
    await shows('$');
    await page.locator('.xterm').click();
    await page.keyboard.type('echo typed-$((40+2)) 中文\n');
    await shows('typed-42 中文');
    // True colour is drawn, a link is none, and the clipboard is not touched.
    await page.keyboard.type(
      "printf '\\033[38;2;1;2;3mdeep\\033[0m \\033]8;;javascript:alert(1)\\033\\\\link\\033]8;;\\033\\\\ \\033]52;c;aGk=\\007after\\n'\n",
    );
    await shows('deep link after');
    expect(await screen().getByText('deep', { exact: true }).last().getAttribute('style')).toContain('rgb(1, 2, 3)');
    expect(await page.locator('.xterm a').count()).toBe(0);

    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.setData('text', 'echo one-$((1+1))\\necho two-$((1+2))\\n');
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    })()`);
    await page.getByRole('dialog').getByText('Paste 3 lines?').waitFor();
    await page.getByRole('button', { name: 'Paste into h-001' }).click();
    await page.keyboard.press('Enter');
    await shows('two-3');

    expect(await page.evaluate(look)).toEqual([]);
    await page.keyboard.press('Control+Shift+Backquote');
    expect(await page.evaluate('document.activeElement.closest(".xterm") === null')).toBe(true);
    await page.getByRole('button', { name: 'Close terminal', exact: true }).click();
    await page.getByText('Closed', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Open a new one' }).waitFor();
  });

  it('its recording is replayed, read and searched, from a moment in a link too', async () => {
    const { items } = await rig.client.call('recordings.list', {});
    const recording = await finishedRecording(rig.client, items.at(-1)?.id ?? '');
    await page.goto(`${rig.server.url}/audit/sessions`);
    await page.getByRole('row').filter({ hasText: 'ada' }).click();
    await page.getByText(recording.sha256 ?? 'no hash').waitFor();
    await page.getByLabel('Find in the transcript').fill('TYPED-42');
    await page.getByText('1 line', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Transcript' }).getByRole('button').click();
    await shows('typed-42 中文');
    await page.getByLabel('Speed').selectOption('16');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await shows('two-3');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect(await page.evaluate(look)).toEqual([]);
    await page.goto(`${rig.server.url}/audit/sessions/${recording.id}?t=100000`);
    await shows('two-3');
  });

  it('a long one is gone through to its end and back, and all of it is searched', async () => {
    const terminal = await sit(rig.client, 'h-001');
    await terminal.type('seq 400000; echo over-$((1+1)); exit\r');
    await terminal.ended();
    await finishedRecording(rig.client, terminal.id);
    await page.goto(`${rig.server.url}/audit/sessions/${terminal.id}`);
    // All of it has arrived.
    await page.getByText(/^4\d{5} lines$/).waitFor();
    const slider = page.getByRole('slider', { name: 'Position' });
    await slider.press('End');
    await shows('over-2');
    const atEnd = await screen().innerText();
    await page.getByLabel('Find in the transcript').fill('123456');
    await page.getByText('1 line', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Transcript' }).getByRole('button').click();
    // Much came at the same moment: it stands near that line.
    await screen()
      .filter({ hasNotText: 'over-2' })
      .filter({ hasText: /1[234]\d{4}/ })
      .waitFor();
    await slider.press('Home');
    await screen().filter({ hasNotText: /\d{6}/ }).waitFor();
    await slider.press('End');
    await shows('over-2');
    expect(await screen().innerText()).toBe(atEnd);
    expect(await page.evaluate(look)).toEqual([]);
  });

  it('what has come of one is played while the rest comes, and nothing moves away under a click', async () => {
    const terminal = await sit(rig.client, 'h-001');
    await terminal.type('echo first-$((40+2))\r');
    // What comes at the same moment is shown with it, and would push it off the screen.
    await terminal.sees('first-42');
    await terminal.type('seq 100000; exit\r');
    await terminal.ended();
    await finishedRecording(rig.client, terminal.id);
    const other = await page.context().newPage();
    // After the first part of the recording, which is large, nothing comes until it is let go.
    const large = 64 * 1024;
    const held: (string | Buffer)[] = [];
    let state: 'before' | 'holds' | 'over' = 'before';
    let goOn = () => {};
    await other.routeWebSocket(/./, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (state === 'holds') held.push(message);
        else socket.send(message);
        if (state === 'before' && message.length > large) state = 'holds';
      });
      goOn = () => {
        state = 'over';
        for (const message of held.splice(0)) socket.send(message);
      };
    });
    await other.goto(`${rig.server.url}/audit/sessions/${terminal.id}`);
    await other.getByText(/^Loading the recording: \d+ %/).waitFor();
    const places = () =>
      Promise.all(
        ['Play', 'Next command'].map((name) => other.getByRole('button', { name, exact: true }).boundingBox()),
      );
    const before = await places();
    expect(before).not.toContain(null);
    await other.getByLabel('Find in the transcript').fill('first-42');
    await other.getByText('1 line', { exact: true }).waitFor();
    await other.getByRole('region', { name: 'Transcript' }).getByRole('button').click();
    await other.locator('.xterm-rows').filter({ hasText: 'first-42' }).waitFor();
    goOn();
    await other.getByText(/^Loading the recording/).waitFor({ state: 'detached' });
    expect(await places()).toEqual(before);
    await other.close();
  });

  it('an open one is looked on at, and ended with a reason', async () => {
    const terminal = await sit(rig.client, 'h-001');
    await terminal.type('echo live-$((40+2))\r');
    await terminal.sees('live-42');
    await page.goto(`${rig.server.url}/audit/sessions/${terminal.id}`);
    await shows('live-42');
    await page.getByRole('button', { name: 'End this terminal…' }).click();
    await page.getByLabel('Type h-001 to confirm').fill('h-001');
    await page.getByLabel('Reason (at least 10 characters)').fill('a test ends it');
    await page.getByRole('button', { name: 'End terminal', exact: true }).click();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect(await terminal.ended()).toMatchObject({ end: 'terminated' });
  });

  it('the list shows what begins and ends, by itself, also under a filter', async () => {
    await page.goto(`${rig.server.url}/audit/sessions`);
    await page.getByLabel('User', { exact: true }).fill('admin');
    await page.getByRole('row').filter({ hasText: 'ada' }).waitFor({ state: 'detached' });
    const terminal = await sit(rig.client, 'h-001');
    const row = page.getByRole('row').filter({ hasText: 'open now' });
    await row.waitFor();
    await terminal.type('echo counted\r');
    await waitFor('its command is counted', async () => /admin\n1\n/.test(await row.innerText()), 30_000);
    await terminal.type('exit\r');
    await row.waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'The shell has ended' }).first().waitFor();
  });

  it('nothing in the page broke its policy', () => expect(errors).toEqual([]));
});
