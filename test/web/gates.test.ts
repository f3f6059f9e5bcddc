import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { apiToken } from '../lab/operators.ts';
import { finished, type ModuleFile, type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { compose, patience, runButton } from './steps.ts';

const trace = 'echo done >>"$HOME/done"; exit 3';
const modules: ModuleFile[] = [
  { id: 'site.restart', risk: 'disruptive', shell: trace },
  { id: 'site.wipe', risk: 'destructive', shell: trace },
];
const reason = 'because a test says so';

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('the gate before what is dangerous', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3, modules });
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const dialog = () => page.getByRole('dialog');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const settled = async () => expect.poll(() => runButton(page).isEnabled(), patience).toBe(true);
  const runs = async () => (await rig.client.call('runs.list', {})).items;
  /** Whatever was begun would have been heard of by an answer to what is asked after it. */
  async function nothingRan(before: number): Promise<void> {
    await page.evaluate('fetch("/health").catch(() => {})');
    expect(await runs()).toHaveLength(before);
    const done = join(rig.user.home, 'done');
    expect(existsSync(done) ? readFileSync(done, 'utf8') : '').toBe('done\n'.repeat(3 * before));
  }

  describe.each([
    ['site.restart', '3', 'A'],
    ['site.wipe', 'default 3', 'default 2'],
  ])('%s', (module, phrase, other) => {
    const prepare = () => compose(page, rig.server.url, module, 'h-*', 3);
    const openGate = async (): Promise<Locator> => {
      await prepare();
      await runButton(page).click();
      const gate = dialog();
      await gate.getByLabel(/to confirm/).waitFor();
      return gate;
    };
    const link = `/run?module=${module}&targets=h-*`;

    it.each<[string, () => Promise<void>]>([
      [
        'Enter on the button, and again',
        async () => {
          await prepare();
          await runButton(page).focus();
          await press('Enter');
          await dialog().waitFor();
          await press('Enter', 'Enter', 'Space', 'Control+Enter', 'Shift+Enter');
        },
      ],
      [
        'Ctrl+Enter, however often',
        async () => {
          await prepare();
          await press('Control+Enter', 'Control+Enter', 'Control+Enter', 'Meta+Enter', 'Enter');
          await dialog().waitFor();
        },
      ],
      [
        'a double click, and one on what comes up under it',
        async () => {
          await prepare();
          await runButton(page).dblclick();
          await dialog().waitFor();
          await dialog()
            .getByRole('button', { name: /^Run on/ })
            .dblclick({ force: true });
        },
      ],
      [
        'words that are not the words, or too few reasons',
        async () => {
          const gate = await openGate();
          for (const words of [phrase.slice(0, -1), `${phrase}0`, other, phrase.toUpperCase().replace('3', '３')]) {
            await gate.getByLabel(/to confirm/).fill(words);
            await press('Enter', 'Control+Enter');
          }
          if (module === 'site.wipe') {
            await gate.getByLabel(/to confirm/).fill(phrase);
            for (const why of ['', 'short', '            .            ']) {
              await gate.getByLabel(/^Why/).fill(why);
              await press('Control+Enter');
              await gate.getByLabel(/to confirm/).press('Enter');
            }
          }
          await press('Escape');
        },
      ],
      [
        'a button that was enabled by hand',
        async () => {
          const gate = await openGate();
          const go = gate.getByRole('button', { name: /^Run on/ });
          await go.evaluate((button) => {
            button.removeAttribute('disabled');
            button.removeAttribute('data-disabled');
          });
          await go.dispatchEvent('click');
          await gate.locator('form').dispatchEvent('submit');
        },
      ],
      [
        'a link that asks for it, and Enter after it',
        async () => {
          await page.goto(`${rig.server.url}${link}&run=1&start=true&confirm=${phrase}&reason=${reason}&gate=none`);
          await page.getByText('This was filled in by a link').waitFor();
          await settled();
          await press('Enter', 'Control+Enter', 'Enter', 'Enter');
          await dialog().waitFor();
          expect(
            await dialog()
              .getByLabel(/to confirm/)
              .inputValue(),
          ).toBe('');
        },
      ],
      [
        'the palette, also with Ctrl+Enter',
        async () => {
          await page.goto(`${rig.server.url}/run`);
          await page.getByRole('listbox', { name: 'Modules' }).waitFor();
          await press('Control+k');
          await dialog().getByRole('combobox').fill(module);
          await dialog().getByRole('option', { name: module }).first().waitFor();
          await press('Control+Enter', 'Enter', 'Enter');
          await dialog().waitFor({ state: 'detached' });
          await page.getByLabel('Select h-001').check();
          await settled();
          await press('Control+k');
          await dialog().getByRole('combobox').fill(module);
          await dialog().getByRole('option', { name: module }).first().waitFor();
          await press('Enter', 'Enter', 'Control+Enter', 'Enter');
        },
      ],
      [
        'the palette over the open gate',
        async () => {
          const gate = await openGate();
          await press('Control+k');
          await page.keyboard.type(module);
          await press('Enter', 'Enter', 'Control+Enter');
          await gate.first().waitFor();
        },
      ],
    ])('is not passed by %s', async (_, way) => {
      const before = (await runs()).length;
      await way();
      await nothingRan(before);
    });

    it('is asked for by the server, of whatever speaks to it', async () => {
      const before = (await runs()).length;
      const plan = await rig.client.call('runs.plan', { module, selector: 'h-*' });
      const small = await rig.client.call('runs.plan', { module, selector: 'h-001' });
      expect(plan.gate).toMatchObject({ kind: 'confirm', phrase });
      const secret = await apiToken(rig.admin, 'admin', `token-${module}`);
      const { digest, id: planId } = plan;
      const tries: [object, string][] = [
        [{}, 'CONFIRM_REQUIRED'],
        [{ confirm: '', reason }, 'CONFIRM_REQUIRED'],
        [{ confirm: small.gate.kind === 'confirm' ? small.gate.phrase : '', reason }, 'CONFIRM_REQUIRED'],
        [{ confirm: phrase, reason, digest: small.digest }, 'PLAN_CHANGED'],
        ...(module === 'site.wipe'
          ? [[{ confirm: phrase, reason: ' '.repeat(20) }, 'REASON_REQUIRED'] as [object, string]]
          : []),
      ];
      for (const [given, code] of tries) {
        const params = { planId, digest, runId: uuid(), ...given };
        await expect(rig.client.call('runs.start', params)).rejects.toMatchObject({ code });
        const answer = await fetch(new URL('/rpc', rig.server.url), {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: uuid(), method: 'runs.start', params }),
        });
        expect(await answer.json()).toMatchObject({ error: { data: { code } } });
      }
      await nothingRan(before);
    });

    it('opens once: what passed it cannot be sent again, and a retry has a gate of its own', async () => {
      const plan = await rig.client.call('runs.plan', { module, selector: 'h-*' });
      const given = { planId: plan.id, digest: plan.digest, confirm: phrase, reason };
      const { id } = await rig.client.call('runs.start', { ...given, runId: uuid() });
      await expect(rig.client.call('runs.start', { ...given, runId: uuid() })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      await finished(rig.client, id);
      const before = (await runs()).length;

      // As a notification, or a link of the desktop, leads there.
      await page.goto(`${rig.server.url}/runs/${id}?retry=1&confirm=${phrase}&reason=${reason}#retry`);
      await page.getByRole('button', { name: 'Retry 3 not OK' }).waitFor();
      await press('Enter', 'Shift+R', 'Enter', 'Control+Enter');
      await page.keyboard.press('Escape');
      await dialog().waitFor({ state: 'detached' });
      await page.getByRole('article').first().getByRole('button', { name: 'Retry 3' }).dblclick();
      await dialog().waitFor();
      await press('Enter', 'Enter', 'Control+Enter', 'Escape');
      await dialog().waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Retry 3 not OK' }).click();
      await dialog().getByRole('button', { name: 'Continue…' }).dblclick();
      await dialog().getByLabel('Confirmation').waitFor();
      const go = dialog().getByRole('button', { name: 'Retry on 3 servers' });
      await dialog().getByLabel('Confirmation').fill(other);
      await press('Enter');
      await go.dispatchEvent('click');
      expect(await go.isDisabled()).toBe(true);
      await expect(rig.client.call('runs.retry', { runId: id, states: ['failed'] })).rejects.toMatchObject({
        code: 'CONFIRM_REQUIRED',
      });
      await nothingRan(before);
      expect((await rig.client.call('runs.get', { runId: id })).attempt).toBe(1);
    });
  });
});
