import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { type CuttingProxy, startCuttingProxy } from '../lab/cuttingProxy.ts';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type ModuleFile, type Rig, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { agrees, patience } from './steps.ts';

/** For how long the link is cut; 30000 is what an operator may meet. */
const cutMs = Number(process.env.OM_TEST_CUT_MS ?? 3000);
const shortCuts = Number(process.env.OM_TEST_CUTS ?? 3);

const params = { tag: { type: 'string' } };
const modules: ModuleFile[] = [
  // Every line carries the number that it must have in the log.
  {
    id: 'test.count',
    params,
    shell:
      'i=0; while [ ! -e "$HOME/$tag.go" ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done; echo "the end after $i"',
  },
  {
    id: 'test.wait',
    risk: 'change',
    params,
    shell: 'echo "$OM_HOST" >>"$HOME/$tag"; while [ ! -e "$HOME/$tag.go" ]; do sleep 0.1; done',
  },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('a page whose link to the server is cut', () => {
  let rig: Rig;
  let proxy: CuttingProxy;
  let browser: Browser;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 3, modules, server: { env: { OM_LEASE_SECONDS: '5' } } });
    proxy = await startCuttingProxy(rig.server.port);
    url = `http://127.0.0.1:${proxy.port}`;
    browser = await openBrowser();
    ({ page } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.stop();
    await rig?.stop();
  });

  const letGo = (tag: string) => writeFileSync(join(rig.user.home, `${tag}.go`), '');
  const log = () => page.getByRole('log');
  const strip = () => page.getByText(/Connection lost \d\d:\d\d:\d\d/);
  const stop = () => page.getByRole('button', { name: 'Stop', exact: true });
  const ended = () => page.getByText('succeeded', { exact: true }).first().waitFor({ timeout: patience.timeout });
  const lineCount = async (runId: string) =>
    (await rig.client.call('runs.lines', { runId, ordinal: 0, at: { kind: 'end' }, limit: 1 })).totals.lines;
  /** The log on the page, which follows, has come to this line. */
  const reaches = (line: number) =>
    expect.poll(async () => (await rowsShown()).at(-1)?.[0] ?? 0, patience).toBeGreaterThanOrEqual(line);
  /** The link is back, and the page has noticed by itself. */
  async function mend(): Promise<void> {
    proxy = await startCuttingProxy(rig.server.port, proxy.port);
    await strip().waitFor({ state: 'hidden', timeout: patience.timeout });
  }

  /** Follows a counting script in the page; the mark goes with the first reload. */
  async function followCount(tag: string): Promise<string> {
    const { id } = await start(rig.client, { module: 'test.count', selector: 'h-001', params: { tag } });
    await page.goto(`${url}/runs/${id}/log/0`);
    await reaches(5);
    if ((await log().locator('time').count()) === 0) await page.keyboard.press('t');
    await log().locator('time').first().waitFor();
    await page.evaluate("document.body.setAttribute('data-same-page', '')");
    return id;
  }

  /** Reads the open log from its first line to its last, as far as it is shown, and holds it against the numbers. */
  async function expectWhole(runId: string): Promise<void> {
    expect(await page.locator('body[data-same-page]').count()).toBe(1);
    const total = await lineCount(runId);
    const last = `the end after ${total - 1}`;
    await log().getByText(last).waitFor({ timeout: patience.timeout });
    const seen = new Map<number, string>();
    const times = new Map<number, string>();
    for (let top = 0; !seen.has(total); top += 300) {
      await log().evaluate((element, at) => element.scrollTo(0, at), top);
      await expect
        .poll(async () => {
          const rows = await rowsShown();
          // Until the place that was scrolled to is there, what stands there is what was there before.
          const isThere = rows.some(([number]) => number === seen.size + 1) && rows.every(([, text]) => text !== '');
          for (const [number, text, at] of isThere ? rows : []) {
            seen.set(number, text);
            times.set(number, at);
          }
          return isThere;
        }, patience)
        .toBe(true);
    }
    const wanted = Array.from({ length: total }, (_, i) => [i + 1, i + 1 < total ? `line ${i + 1}` : last]);
    expect([...seen].sort(([a], [b]) => a - b)).toEqual(wanted);
    const arrived = [...times].sort(([a], [b]) => a - b).map(([, at]) => at);
    expect(arrived.every((at) => at !== '')).toBe(true);
    expect(arrived).toEqual(arrived.toSorted());
  }

  /** Number, text and time of each row that is in the page now. */
  async function rowsShown(): Promise<[number, string, string][]> {
    const rows = await log()
      .getByRole('link')
      .evaluateAll((links) =>
        links.map((link) => [
          link.textContent ?? '',
          link.parentElement?.lastElementChild?.textContent ?? '',
          link.nextElementSibling?.getAttribute('datetime') ?? '',
        ]),
      );
    return rows.map(([number, text = '', at = '']) => [Number(number), text, at]);
  }

  it(`says so, and that what it shows is old; goes on by itself after ${cutMs} ms with nothing lost or doubled`, async () => {
    const id = await followCount('long');
    await proxy.stop();
    await strip().waitFor();
    await page.getByText('the run continues on OMServer').waitFor();
    await page.getByText(/^As of \d+:\d\d:\d\d/).waitFor();
    expect(await stop().getAttribute('aria-disabled')).toBe('true');
    expect(await stop().getAttribute('title')).toBe('There is no connection to OMServer');
    await stop().click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    const clock = page.getByTitle(/^Elapsed/);
    const stood = await clock.textContent();
    const before = await lineCount(id);
    await sleep(cutMs);
    await waitFor('the run goes on', async () => (await lineCount(id)) > before, patience.timeout);
    expect(await clock.textContent()).toBe(stood);
    await mend();
    await reaches(before + 10);
    expect(await stop().getAttribute('aria-disabled')).toBeNull();
    letGo('long');
    await ended();
    await agrees(page, rig, id);
    expect(await page.getByText('running', { exact: true }).count()).toBe(0);
    await expectWhole(id);
  });

  it('shows as ended what ended meanwhile', async () => {
    const id = await followCount('meanwhile');
    await proxy.stop();
    await strip().waitFor();
    letGo('meanwhile');
    await waitFor('it ends', async () => (await rig.client.call('runs.get', { runId: id })).endedAt !== null);
    expect(await page.getByText('running', { exact: true }).count()).toBeGreaterThan(0);
    await mend();
    await ended();
    await agrees(page, rig, id);
    expect(await page.getByText('running', { exact: true }).count()).toBe(0);
    await expectWhole(id);
  });

  it(
    `loses and doubles nothing by ${shortCuts} cuts in the middle of what passes`,
    async () => {
      const id = await followCount('often');
      for (let i = 1; i <= shortCuts; i++) {
        proxy.arm({ direction: 'down', bytes: 397 * i });
        await waitFor(`cut ${i}`, () => proxy.cuts === i, patience.timeout);
        const before = await lineCount(id);
        await reaches(before + 3);
      }
      letGo('often');
      await ended();
      await agrees(page, rig, id);
      await expectWhole(id);
    },
    60_000 + shortCuts * 20_000,
  );

  it('shows as lost what a server that was killed cannot vouch for, and nothing as ok before it is known', async () => {
    const { id } = await start(rig.client, { module: 'test.wait', selector: 'h-*', params: { tag: 'killed' } });
    const begun = join(rig.user.home, 'killed');
    await page.goto(`${url}/runs/${id}`);
    await page.getByRole('button', { name: '3 running', exact: true }).waitFor();
    await waitFor('all run', () => existsSync(begun) && readFileSync(begun, 'utf8').split('\n').length === 4);
    await rig.server.kill9();
    await strip().waitFor();
    await rig.server.restart();
    await page.getByRole('button', { name: '3 lost', exact: true }).waitFor({ timeout: patience.timeout });
    await agrees(page, rig, id);
    expect((await rig.client.call('runs.get', { runId: id })).counts).toMatchObject({ lost: 3, ok: 0 });
    expect(await page.getByText('running', { exact: true }).count()).toBe(0);
    letGo('killed');
    await page.getByRole('button', { name: 'Probe 3 lost servers' }).click();
    await ended();
    await agrees(page, rig, id);
    expect(readFileSync(begun, 'utf8').split('\n')).toHaveLength(4);
  });
});
