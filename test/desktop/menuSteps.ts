import type { Page } from 'playwright-core';
import { waitFor } from '../lab/wait.ts';
import type { ElectronDouble } from './electronDouble.ts';

/** Somebody chooses an entry of the native menu. */
function chooseIn(desktop: ElectronDouble, menu: string, entry: string): void {
  const items = desktop.menus.at(-1)?.find(({ label }) => label === menu)?.submenu;
  const item = Array.isArray(items) ? items.find(({ label }) => label === entry) : undefined;
  if (!item?.click) throw new Error(`there is no ${entry} in ${menu}`);
  item.click({} as never, undefined, {} as never);
}

/** Each entry that the page stands for does something there. */
export async function obeysTheMenu(desktop: ElectronDouble, page: Page): Promise<void> {
  await page.evaluate(() => window.omanager.request('app.language', { language: 'en' }));
  const choose = (menu: string, entry: string) => chooseIn(desktop, menu, entry);
  const panel = page.getByRole('region', { name: 'Output', exact: true });
  choose('View', 'Output');
  await panel.getByRole('searchbox').waitFor();
  choose('Edit', 'Find');
  await waitFor('the field of the panel has the focus', () =>
    panel.getByRole('searchbox').evaluate((field) => field.matches(':focus')),
  );
  choose('View', 'Output');
  await panel.getByRole('searchbox').waitFor({ state: 'detached' });
  choose('Run', 'Read-only lock');
  await page.getByText('Read-only lock on').waitFor();
  choose('Run', 'Read-only lock');
  await page.getByText('Read-only lock off').waitFor();
  choose('Help', 'Keys of this view');
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  choose('View', 'Search or run…');
  await page.getByRole('combobox', { name: 'Search or run…' }).waitFor();
  await page.keyboard.press('Escape');
  choose('View', 'Audit');
  await page.waitForURL(/\/audit$/);
  const tab = page.getByRole('navigation', { name: 'Open documents' }).getByRole('link', { name: 'Audit' });
  await tab.waitFor();
  choose('Window', 'Close tab');
  await tab.waitFor({ state: 'detached' });
  choose('Run', 'Check');
  await page.waitForURL(/\/run$/);
}

/** The sign-in says where it is, and the session outlives the visit elsewhere. */
export async function switchesServer(desktop: ElectronDouble, page: Page): Promise<void> {
  chooseIn(desktop, 'File', 'Switch server…');
  await page.getByText(/this browser/i).waitFor({ state: 'detached' });
  await page
    .getByRole('button', { name: /127\.0\.0\.1/ })
    .first()
    .click();
  await page.getByRole('contentinfo').getByText('Connected').waitFor();
}
