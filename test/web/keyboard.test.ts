import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { adminPassword } from '../lab/operators.ts';
import { hostsOf, type Rig, startRig } from '../runs/rig.ts';
import { agrees, patience, runButton, runShown } from './steps.ts';

const modules = [
  {
    id: 'site.check',
    params: { word: { type: 'string', title: { en: 'Word', zh: '词' }, required: true } },
    shell: 'echo "$word"; [ "$OM_HOST.$OM_ATTEMPT" != h-002.1 ] || { echo "the disk is full" >&2; exit 3; }',
  },
];
/** Says what is wrong with where the focus is: it must be somewhere, and be seen. Text, since tests know no DOM. */
const lookAtFocus = `(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return 'the focus is lost';
  // The page itself is where one lands when what had the focus is gone, and no stop of its own.
  if (at.matches('main')) return '';
  const option = document.getElementById(at.getAttribute('aria-activedescendant') ?? '');
  const around = [at, option, at.parentElement, at.nextElementSibling, at.closest('label')].filter(Boolean);
  const styles = around.map((element) => getComputedStyle(element));
  if (styles.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)) return '';
  const accent = document.createElement('i');
  accent.style.color = 'var(--accent)';
  at.parentElement.append(accent);
  const color = getComputedStyle(accent).color;
  accent.remove();
  if (at.matches('input, textarea') && styles.some((style) => style.borderTopColor === color)) return '';
  return 'no ring: ' + at.outerHTML.slice(0, 300);
})()`;

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the main job without a mouse', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  const pointed: string[] = [];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3, modules });
    await rig.client.call('groups.assign', { path: 'web', selector: 'h-[001-002]', member: true });
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    await page.exposeFunction('pointed', (what: string) => pointed.push(what));
    await page.addInitScript(
      "for (const kind of ['pointerdown', 'mousedown', 'touchstart', 'mousemove']) addEventListener(kind, (e) => pointed(kind), true)",
    );
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  /** Presses a key, and waits until the focus is somewhere and can be seen. */
  async function press(key: string): Promise<void> {
    await page.keyboard.press(key);
    await expectFocus(`after ${key}`);
  }
  const expectFocus = (message: string) =>
    expect.poll(() => page.evaluate<string>(lookAtFocus), { ...patience, message }).toBe('');
  const isAway = () => page.evaluate<boolean>('!document.hasFocus() || document.activeElement === document.body');
  const isFocused = (target: Locator) => target.evaluate((element) => element === element.ownerDocument.activeElement);
  /** Goes there by Tab alone, as far as it takes; every stop on the way is looked at. */
  async function tabTo(target: Locator, key = 'Tab'): Promise<void> {
    await target.waitFor();
    for (let stops = 0; stops < 120; stops++) {
      if (await isFocused(target)) return;
      await page.keyboard.press(key);
      // Behind the last stop is the browser's own; the next press comes back from there.
      if (await isAway()) await page.keyboard.press(key);
      await expectFocus(`after ${key} on the way to ${target}`);
    }
    throw new Error(`${target} cannot be reached by ${key}`);
  }
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });

  it('signs in', async () => {
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await page.goto(`${rig.server.url}/${link.slice(link.indexOf('#'))}`);
    await tabTo(page.getByLabel('User name'));
    await page.keyboard.type('ada');
    await tabTo(page.getByLabel('New password', { exact: true }));
    await page.keyboard.type(adminPassword);
    await tabTo(page.getByLabel('The same again', { exact: true }));
    await page.keyboard.type(adminPassword);
    await press('Enter');
    await page.getByRole('navigation', { name: 'Main navigation' }).waitFor();
  });

  it('picks module and servers, fills in the form, and runs', async () => {
    await tabTo(page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: /^Run$/ }));
    await press('Enter');
    const tree = page.getByRole('tree');
    await tabTo(tree.getByRole('treeitem', { name: /All servers/ }));
    for (let i = 0; i < 5 && !(await isFocused(tree.getByRole('treeitem', { name: /^web/ }))); i++)
      await press('ArrowDown');
    await press('Enter');
    await expect.poll(() => page.getByLabel('Select h-003').count(), patience).toBe(0);
    await tabTo(page.getByLabel('Select h-001'));
    await press('Space');
    await tabTo(page.getByLabel('Select h-002'));
    await press('Space');
    await page.getByText('2 selected').waitFor();
    await tabTo(page.getByRole('searchbox', { name: 'Name, pinyin or number' }));
    await page.keyboard.type('site.check');
    await tabTo(page.getByRole('listbox', { name: 'Modules' }));
    await press('ArrowDown');
    await tabTo(page.getByLabel('Word'));
    await page.keyboard.type('hello');
    await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
    await tabTo(runButton(page));
    await press('Enter');
  });

  it('watches the run, finds the server that failed and what it said, and comes back', async () => {
    const { id } = await runShown(page, rig);
    await page.getByText('partly succeeded', { exact: true }).first().waitFor();
    await agrees(page, rig, id);
    await tabTo(button(/^h-001: ok/));
    await press('ArrowRight');
    await button(/^h-002: failed/).waitFor();
    await press('Enter');
    await page.getByRole('log').getByText('the disk is full').waitFor();
    await tabTo(page.getByRole('log'));
    await tabTo(page.getByRole('link', { name: 'Servers and output' }), 'Shift+Tab');
    await press('Enter');
    await tabTo(page.getByRole('article').filter({ hasText: 'the disk is full' }).getByRole('link', { name: 'Log' }));
    await press('Enter');
    await page.getByRole('log').getByText('the disk is full').waitFor();
  });

  it('retries what failed, and goes back to all runs', async () => {
    const { id } = await runShown(page, rig);
    await tabTo(button('Retry 1 not OK'), 'Shift+Tab');
    await press('Enter');
    await tabTo(button('Retry on 1 server'));
    await press('Enter');
    await page.getByText('attempt 2').first().waitFor();
    await agrees(page, rig, id);
    await expect
      .poll(async () => (await hostsOf(rig.client, id)).map(({ state }) => state), patience)
      .toEqual(['ok', 'ok']);
    await tabTo(page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: /^Runs$/ }));
    await press('Enter');
    await page.waitForURL(/\/runs$/);
    await page.getByRole('heading', { level: 1 }).waitFor();
  });

  it('finds a module by the palette, and comes back to where the focus was', async () => {
    await press('Control+k');
    await page.keyboard.type('site.check');
    await page
      .getByRole('dialog')
      .getByRole('option', { name: /site\.check/ })
      .first()
      .waitFor();
    await press('Enter');
    await page.waitForURL(/\/run$/);
    await page.getByRole('heading', { name: 'site.check' }).first().waitFor();
    await tabTo(page.getByLabel('Word'));
    await press('Control+k');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => isFocused(page.getByLabel('Word')), patience).toBe(true);
  });

  it('touched no mouse', () => {
    expect(pointed).toEqual([]);
  });
});
