import type { Page } from 'playwright-core';
import { adminPassword } from '../lab/operators.ts';

/** Enrols through the sign-in screen, by an invite link, in the page's language being English. */
export async function enrolInPage(page: Page, url: string, link: string, userName: string): Promise<void> {
  await page.goto(`${url}/${link.slice(link.indexOf('#'))}`);
  await page.getByLabel('User name').fill(userName);
  await page.getByLabel('New password', { exact: true }).fill(adminPassword);
  await page.getByLabel('The same again', { exact: true }).fill(adminPassword);
  await page.getByRole('button', { name: 'Enrol and sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Main navigation' }).waitFor();
}
