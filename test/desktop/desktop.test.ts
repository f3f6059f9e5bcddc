import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IpcMainInvokeEvent } from 'electron';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { adminPassword } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { obeysTheMenu, switchesServer } from './menuSteps.ts';
import { buildDesktop, removeFolder, startOn, tempFolder } from './rig.ts';

type Desktop = Awaited<ReturnType<typeof startOn>>;

/** What a page asks for, from inside the page. */
const ask = (page: Page, name: string, params: unknown): Promise<unknown> =>
  page.evaluate(([name, params]) => window.omanager.request(name, params), [name, params] as const);

interface PageWindow {
  omanager: {
    request(name: unknown, params: unknown): Promise<unknown>;
    onEvent(listener: (event: { type: string }) => void): void;
  };
  localStorage: object;
  sessionStorage: object;
  document: { documentElement: { outerHTML: string } };
  location: { assign(url: string): void };
  open(url: string): void;
  heard: { type: string }[];
}
declare global {
  // What pages have; tests are typed for Node.
  var window: PageWindow;
}

describe.skipIf(!has('chromium'))('the main process over a double of Electron, with a real page', () => {
  const built = tempFolder('built');
  const userData = tempFolder('data');
  const keychain = randomBytes(32);
  let browser: Browser;
  let server: TestServer;
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), startServer(), buildDesktop(built)]);
    desktop = await startOn(browser, built, { userData, keychain, argv: ['omanager', server.firstInviteLink() ?? ''] });
    page = desktop.contents().page();
  }, 120_000);

  afterAll(async () => {
    await desktop?.close();
    await Promise.all([browser?.close(), server?.stop()]);
    removeFolder(built);
    removeFolder(userData);
  });

  it('asks for a window without Node and with a world of its own for the preload', () => {
    expect(desktop.options().webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      devTools: false,
    });
  });

  it('shows the invite that opened it, and sends nothing before somebody agrees', async () => {
    await page.getByText(`127.0.0.1:${server.port}`).first().waitFor();
    expect(server.logs()).not.toMatch(/enrol/);
  });

  it('enrols and signs in through the real screens', async () => {
    await enrol(page);
    await page.getByRole('navigation').first().waitFor();
    await page.getByRole('contentinfo').getByText('Connected').waitFor();
    expect(await ask(page, 'profiles.list', {})).toMatchObject({ ok: true, result: [{ userName: 'admin' }] });
  });

  it('keeps the device key out of the page and out of files in clear', async () => {
    const storages = await page.evaluate(() => {
      const page = globalThis as unknown as {
        localStorage: object;
        sessionStorage: object;
        document: { documentElement: { outerHTML: string } };
      };
      return (
        JSON.stringify(page.localStorage) +
        JSON.stringify(page.sessionStorage) +
        page.document.documentElement.outerHTML
      );
    });
    const files = readdirSync(userData, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const sealed = files.filter(({ name }) => name.endsWith('.sealed'));
    expect(sealed).toHaveLength(1);
    const [file] = sealed;
    const text = desktop.electron.safeStorage.decryptString(
      readFileSync(join(file?.parentPath ?? '', file?.name ?? '')),
    );
    const { secretKey, session }: { secretKey: string; session: string } = JSON.parse(text);
    expect(session.length).toBeGreaterThan(20);
    for (const secret of [secretKey, session, adminPassword]) {
      expect(storages).not.toContain(secret);
      for (const { parentPath, name } of files)
        expect(readFileSync(join(parentPath, name)).includes(secret)).toBe(false);
    }
  });

  it('refuses what no page may ask', async () => {
    const refused = async (name: unknown, params: unknown, code: string) =>
      expect(await page.evaluate(([n, p]) => window.omanager.request(n, p), [name, params] as const)).toMatchObject({
        ok: false,
        error: { code },
      });
    await refused('fs.read', {}, 'METHOD_NOT_FOUND');
    await refused('constructor', {}, 'METHOD_NOT_FOUND');
    await refused(7, {}, 'METHOD_NOT_FOUND');
    await refused('profiles.remove', { profileId: '../../x' }, 'INVALID_PARAMS');
    await refused('profiles.list', { more: 1 }, 'INVALID_PARAMS');
    await refused('file.save', { suggestedName: 'x', content: { kind: 'exe', text: '' } }, 'INVALID_PARAMS');
    await refused(
      'call.send',
      { connection: 1, call: crypto.randomUUID(), method: 'access.signIn', params: {} },
      'FORBIDDEN',
    );
    await refused(
      'call.send',
      { connection: 99, call: crypto.randomUUID(), method: 'access.whoami', params: {} },
      'NOT_FOUND',
    );
  });

  it('refuses another sender, another frame and another address', async () => {
    const contents = desktop.contents();
    const from = async (event: object) =>
      desktop.invoke(event as unknown as IpcMainInvokeEvent, 'omanager:request', ['profiles.list', {}]);
    const forbidden = { ok: false, error: { code: 'FORBIDDEN' } };
    expect(await from({ sender: {}, senderFrame: contents.mainFrame })).toMatchObject(forbidden);
    expect(await from({ sender: contents, senderFrame: { url: contents.mainFrame.url } })).toMatchObject(forbidden);
    expect(await from({ sender: contents, senderFrame: null })).toMatchObject(forbidden);
    expect(await from({ sender: contents, senderFrame: contents.mainFrame })).toMatchObject({ ok: true });
  });

  it('leaves its page for no other, opens https outside and nothing else', async () => {
    const before = page.url();
    const go = (url: string) => page.evaluate((url) => window.location.assign(url), url);
    const open = (url: string) => page.evaluate((url) => window.open(url), url);
    await open('https://docs.example/x');
    await waitFor('the address is opened outside', () => desktop.opened.includes('https://docs.example/x'));
    await go('https://evil.example/');
    await open('http://evil.example/');
    expect(await ask(page, 'link.open', { url: 'file:///etc/passwd' })).toMatchObject({ ok: true });
    const fetched = page.evaluate(() =>
      fetch('https://evil.example/').then(
        () => 'fetched',
        () => 'refused',
      ),
    );
    expect(await fetched).toBe('refused');
    expect(page.url()).toBe(before);
    expect(desktop.opened).toEqual(['https://docs.example/x']);
    expect(desktop.contents().escaped).toEqual([]);
  });

  it('grants the clipboard and no other permission', () => {
    const { check, permission } = desktop.handlers;
    const url = 'omanager-app://app/run';
    // Only what main reads of them.
    const granted = (name: string, from = url) => check?.(null, name as 'media', from, {} as never);
    expect(granted('clipboard-sanitized-write')).toBe(true);
    for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'hid'])
      expect(granted(name)).toBe(false);
    expect(granted('clipboard-sanitized-write', 'https://evil.example')).toBe(false);
    expect(permission).not.toBeNull();
  });

  it('calls and streams over the bridge, no faster than the page reads', async () => {
    const call = (method: string, params: object) =>
      ask(page, 'call.send', { connection: 1, call: crypto.randomUUID(), method, params });
    expect(await call('access.whoami', {})).toMatchObject({ ok: true, result: { userName: 'admin', role: 'admin' } });
    expect(await call('hosts.nothing', {})).toMatchObject({ ok: false, error: { code: 'METHOD_NOT_FOUND' } });
    const stream = crypto.randomUUID();
    await page.evaluate((stream) => {
      window.heard = [];
      window.omanager.onEvent((event) => {
        if (event.type === 'stream' && Reflect.get(event, 'stream') === stream) window.heard.push(event);
      });
    }, stream);
    const heard = () => page.evaluate(() => window.heard.length);
    await ask(page, 'stream.open', { connection: 1, stream, method: 'audit.follow', params: {}, credit: 1 });
    await waitFor('the first event comes', async () => {
      await call('invites.create', { role: 'viewer' });
      return (await heard()) === 1;
    });
    for (let i = 0; i < 5; i++) await call('invites.create', { role: 'viewer' });
    expect(await heard()).toBe(1);
    await ask(page, 'stream.more', { stream, credit: 100 });
    await waitFor('the others come', async () => (await heard()) > 1);
    await ask(page, 'stream.close', { stream });
  });

  it('leads a link to its page, and a second start to the first window', async () => {
    desktop.window().focused = false;
    desktop.app.emit('second-instance', {}, ['omanager', `omanager://127.0.0.1:${server.port}/audit?q=reboot`]);
    await page.waitForURL(/\/audit\?q=reboot&from=link$/);
    expect(desktop.window().focused).toBe(true);
    desktop.app.emit('open-url', { preventDefault() {} }, 'omanager://somewhere-else/run/1');
    await page.waitForURL(/\/link$/);
  });

  it('brings the menu of the language, and menus only show pages', async () => {
    const labels = () => desktop.menus.at(-1)?.map(({ label }) => label);
    expect(labels()).toEqual(['File', 'Edit', 'View', 'Modules', 'Run', 'Window', 'Help']);
    await ask(page, 'app.language', { language: 'zh' });
    expect(labels()).toEqual(['文件', '编辑', '视图', '模块库', '运行', '窗口', '帮助']);
    const view = desktop.menus.at(-1)?.[2]?.submenu;
    const servers = Array.isArray(view) ? view.find(({ label }) => label === '服务器') : undefined;
    servers?.click?.({} as never, undefined, {} as never);
    await page.waitForURL(/\/servers$/);
  });

  it('does in the page what the menu says', () => obeysTheMenu(desktop, page));

  it('leaves a server for another, and is signed in still when it comes back', () => switchesServer(desktop, page));

  it('shows how far runs are, asks before it closes on them, and quits at once', async () => {
    const run = { id: '812', title: 'Restart', done: 1, total: 4, failed: 0 };
    await ask(page, 'activity.set', { runs: [run, { ...run, id: '813', done: 3 }], waiting: 2 });
    expect(desktop.progress.at(-1)).toBe(0.25);
    expect(desktop.badge.at(-1)).toBe(2);
    expect(desktop.trayMenu().map(({ label }) => label)).toContain('Restart 1/4');
    desktop.answers.button = 0;
    desktop.window().close();
    await waitFor('it is kept in the tray', () => desktop.window().hidden);
    expect(desktop.asked()).toBe(1);
    await ask(page, 'activity.set', { runs: [], waiting: 0 });
    expect(desktop.progress.at(-1)).toBe(-1);
    desktop.window().focused = false;
    for (const id of ['1', '2', '3', '4', '5'])
      await ask(page, 'notice.show', { run: id, title: `Run ${id}`, body: 'over' });
    expect(desktop.notices).toHaveLength(4);
  });

  it('saves where the dialog says, and nowhere else', async () => {
    const content = { kind: 'csv', rows: [['=1+1', 'ok']] };
    expect(await ask(page, 'file.save', { suggestedName: '../../x', content })).toEqual({ ok: true, result: null });
    const path = join(userData, 'saved.csv');
    desktop.answers.path = path;
    expect(await ask(page, 'file.save', { suggestedName: '/etc/x', content })).toEqual({
      ok: true,
      result: 'saved.csv',
    });
    expect(readFileSync(path, 'utf8')).toBe('\ufeff"\'=1+1","ok"\r\n');
  });

  it('loads a page that crashed once more, and begins anew when it crashes again', async () => {
    const contents = desktop.contents();
    const crash = async () => {
      const loaded = page.waitForEvent('load');
      contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
      await loaded;
      return ask(page, 'app.start', {});
    };
    expect(await crash()).toMatchObject({ result: { cleanStart: false } });
    expect(await crash()).toMatchObject({ result: { cleanStart: true } });
  });

  it('takes the session up again at the next start, and has nothing to keep without a keyring', async () => {
    await desktop.close();
    desktop = await startOn(browser, built, { userData, keychain });
    page = desktop.contents().page();
    await page.getByRole('navigation').first().waitFor();
    const other = tempFolder('bare');
    const bare = await startOn(browser, built, { userData: other, backend: 'basic_text' });
    const enrolment = {
      serverKey: 'A'.repeat(43),
      address: '127.0.0.1:1',
      tls: false,
      code: 'c'.repeat(30),
      name: 'x',
    };
    const person = { environment: null, userName: 'ada', password: adminPassword, deviceName: 'x' };
    const answer = await ask(bare.contents().page(), 'connection.enrol', { ...enrolment, ...person });
    expect(answer).toMatchObject({ ok: false, error: { code: 'CONFLICT', message: /keyring/ } });
    expect(existsSync(join(other, 'keys'))).toBe(false);
    await bare.close();
    removeFolder(other);
  });
});

async function enrol(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('New password', { exact: true }).fill(adminPassword);
  await page.getByLabel('The same again', { exact: true }).fill(adminPassword);
  await page.getByRole('button', { name: 'Enrol and sign in' }).click();
}
