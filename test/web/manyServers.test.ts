import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { generateKey } from '../lab/keys.ts';
import { freePort } from '../lab/ports.ts';
import { hostName, hostsOf, type Rig, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { agrees, compose, patience, runIt } from './steps.ts';

const good = 200;
const unreachable = 6;
/** Two of all say something else and fail, until a file says that they are mended. */
const check =
  'echo "service is up"; case "$OM_HOST" in h-007|h-123) if [ ! -e "$HOME/mended" ]; then echo "disk is full" >&2; exit 3; fi;; esac; echo "all is well"';

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('runs on few and many servers, by the page', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({
      hosts: good + unreachable,
      sshd: { config: ['LogLevel ERROR'] },
      modules: [{ id: 'site.check', shell: check }],
    });
    await breakSome();
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  /** Two with nothing behind their port, two that refuse our key, two whose own key is another than the known one. */
  async function breakSome(): Promise<void> {
    const { client, sshd } = rig;
    const secret = { kind: 'key' as const, privateKey: generateKey().privateKey };
    await client.call('credentials.add', { name: 'wrong', secret });
    const port = await freePort();
    const { publicLine } = generateKey();
    for (const i of [0, 1]) {
      const rename = (at: number, changes: object) =>
        client.call('hosts.update', { name: hostName(good + at), changes });
      await rename(i, { name: `x-refused-${i}`, port });
      await rename(2 + i, { name: `x-wrong-${i}`, credential: 'wrong' });
      await rename(4 + i, { name: `x-changed-${i}` });
    }
    const known = sshd.addresses.slice(good + 4).map((address) => `[${address}]:${sshd.port} ${publicLine}\n`);
    expect(await client.call('hostKeys.import', { text: known.join('') })).toMatchObject({ trusted: 2 });
  }

  const card = (state: string) => page.getByRole('article').filter({ hasText: state });

  it('runs on one: its log is what one comes to', async () => {
    await compose(page, rig.server.url, 'site.check', 'h-001', 1);
    const run = await runIt(page, rig);
    await page.getByRole('log').getByText('all is well').waitFor();
    await agrees(page, rig, run.id);
    expect(page.url()).toContain(`/runs/${run.id}/log`);
  });

  it('runs on five: one group for all that say the same', async () => {
    await compose(page, rig.server.url, 'site.check', 'h-[001-005]', 5);
    const run = await runIt(page, rig);
    await card('5 ok').getByText('h-[001-005]').waitFor();
    await agrees(page, rig, run.id);
  });

  it('runs on two hundred and some: who failed and who could not be reached says so, and nobody else', async () => {
    await compose(page, rig.server.url, 'site.check', '*', good + unreachable);
    const run = await runIt(page, rig);
    // A busy machine takes more than half a minute for so many sign-ins.
    await page
      .getByText('partly succeeded', { exact: true })
      .first()
      .waitFor({ timeout: 3 * patience.timeout });
    await agrees(page, rig, run.id);
    expect((await rig.client.call('runs.get', { runId: run.id })).counts).toMatchObject({
      ok: 198,
      failed: 2,
      unreachable,
    });

    const failed = card('2 failed');
    await failed.getByText('h-[007,123]').waitFor();
    await failed.getByText('differs from the majority').waitFor();
    await failed.getByText('disk is full').waitFor();
    await failed.getByText('all is well').waitFor();
    expect(await failed.innerText()).toContain('exit 3');
    await card('198 ok').getByText('reference').waitFor();

    // Each that could not be reached says why.
    await page.getByRole('button', { name: `${unreachable} unreachable` }).click();
    await page.getByRole('radiogroup', { name: 'How servers are shown' }).getByTitle('Table').click();
    const table = page.getByRole('table', { name: 'Servers' });
    await expect.poll(() => table.getByRole('row').filter({ hasText: 'unreachable' }).count()).toBe(unreachable);
    for (const [name, why] of Object.entries({ refused: /refused/i, wrong: /auth|sign|key/i, changed: /host key/i }))
      for (const i of [0, 1])
        expect(
          await table
            .getByRole('row')
            .filter({ hasText: `x-${name}-${i}` })
            .innerText(),
        ).toMatch(why);
  });

  it('retries exactly those that are not OK, and keeps what the first attempt said', async () => {
    writeFileSync(join(rig.user.home, 'mended'), '');
    await page.getByRole('button', { name: 'Retry 8 not OK' }).click();
    const sheet = page.getByRole('dialog', { name: 'Retry on servers that are not OK' });
    await sheet.getByRole('button', { name: 'Retry on 8 servers' }).click();
    await page.getByText('attempt 2').waitFor();
    // A busy machine takes more than half a minute for so many sign-ins.
    await page
      .getByText('partly succeeded', { exact: true })
      .first()
      .waitFor({ timeout: 3 * patience.timeout });
    const [, runId = ''] = /\/runs\/([0-9a-f-]{36})/.exec(page.url()) ?? [];
    await expect
      .poll(async () => (await rig.client.call('runs.get', { runId })).counts, patience)
      .toMatchObject({ ok: good, failed: 0, unreachable });
    await agrees(page, rig, runId);
    const again = (await hostsOf(rig.client, runId)).filter(({ attempt }) => attempt === 2).map(({ name }) => name);
    expect(again.sort()).toEqual(
      ['h-007', 'h-123', ...['changed', 'refused', 'wrong'].flatMap((why) => [`x-${why}-0`, `x-${why}-1`])].sort(),
    );
    await page.goto(`${rig.server.url}/runs/${runId}/log/6?attempt=1`);
    await page.getByRole('log').getByText('disk is full').waitFor();
  });

  it('breaks nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});
