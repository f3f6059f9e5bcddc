import { hostStates, type Run } from '@omanager/contract';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Rig } from '../runs/rig.ts';

/** Longer than anything here takes on a machine that is busy with other things. */
export const patience = { timeout: 30_000, interval: 50 };

/** The run button of the composer, whatever it says. */
export const runButton = (page: Page) => page.getByRole('button', { name: /^Run on/ });

/** Fills the composer as a person does: a module from the list, and all servers that a filter finds. */
export async function compose(page: Page, url: string, module: string, filter: string, count: number): Promise<void> {
  await page.goto(`${url}/run`);
  await page.getByRole('option', { name: module }).click();
  await page.getByRole('searchbox', { name: /^Name or selector/ }).fill(filter);
  await page
    .getByRole('button', { name: count === 1 ? 'Select the only match' : `Select all ${count} matching` })
    .click();
  await expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
}

/** Presses the run button, and answers the run that it led to. */
export async function runIt(page: Page, { client }: Pick<Rig, 'client'>): Promise<Run> {
  await runButton(page).click();
  return runShown(page, { client });
}

/** The run whose page this is. */
export async function runShown(page: Page, { client }: Pick<Rig, 'client'>): Promise<Run> {
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  const [, runId = ''] = /\/runs\/([0-9a-f-]{36})/.exec(page.url()) ?? [];
  return client.call('runs.get', { runId });
}

const wordsOf = (state: string): string => state.replaceAll('_', ' ');
const stateWords = new Set(hostStates.map(wordsOf));

/** Waits until the page says what the server says: the state of the run and each count that is not 0. */
export async function agrees(page: Page, { client }: Pick<Rig, 'client'>, runId: string): Promise<void> {
  await expect
    .poll(async () => {
      const { state, counts } = await client.call('runs.get', { runId });
      const pressed = page.getByRole('button', { pressed: true });
      const buttons = await page.getByRole('button', { pressed: false }).or(pressed).allInnerTexts();
      const said = buttons
        .map((text) => text.replace(/\s+/g, ' ').trim())
        .filter((text) => stateWords.has(text.replace(/^\d+ /, '')));
      const words = Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} ${wordsOf(name)}`);
      const there = await page.getByText(wordsOf(state), { exact: true }).first().isVisible();
      return there && said.sort().join() === words.sort().join() ? 'agrees' : { state, words, said };
    }, patience)
    .toBe('agrees');
}
