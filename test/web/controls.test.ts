import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParamsIn } from '@omanager/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { killNow } from '../lab/processes.ts';
import type { LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { hostsOf, type ModuleFile, type Rig, start, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';
import { agrees, patience } from './steps.ts';

/** Each execution leaves a line with its attempt, and waits for a file that lets all go on. */
const step = 'echo "$OM_ATTEMPT" >>"$HOME/$tag"; echo begun; while [ ! -e "$HOME/$tag.go" ]; do sleep 0.1; done';
const params = { tag: { type: 'string' } };
const modules: ModuleFile[] = [
  { id: 'test.step', params, shell: step },
  // One that changes something is not ended by the loss of its connection.
  { id: 'test.change', risk: 'change', params, shell: step },
];

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('a run steered by the buttons of its page', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 8, modules });
    browser = await openBrowser();
    ({ page, errors } = await openPage(browser));
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const lines = (tag: string, user = rig.user) => {
    const file = join(user.home, tag);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  const begun = (tag: string, n: number, user?: LabUser) =>
    waitFor(`${n} scripts of ${tag} run`, () => lines(tag, user).length >= n, patience.timeout);
  /** Lets every script of this tag end, now and later. */
  const letGo = (tag: string, user = rig.user) => writeFileSync(join(user.home, `${tag}.go`), '');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const sheet = (name: string) => page.getByRole('dialog', { name });
  /** Waits for the state in the head of the run, and that all else on the page agrees with the server. */
  async function shows(runId: string, state: string): Promise<void> {
    await page.getByText(state, { exact: true }).first().waitFor({ timeout: patience.timeout });
    await agrees(page, rig, runId);
  }
  const countsOf = async (runId: string) => (await rig.client.call('runs.get', { runId })).counts;

  /** Starts a step on all servers, waits until so many of its scripts run, and opens its page. */
  async function begin(tag: string, n: number, asked: Partial<ParamsIn<'runs.plan'>>): Promise<string> {
    const { id } = await start(rig.client, { module: 'test.step', selector: 'h-*', params: { tag }, ...asked });
    await begun(tag, n);
    await page.goto(`${rig.server.url}/runs/${id}`);
    await shows(id, 'running');
    return id;
  }

  /** Starts a script on a server of its own, cuts its connection while it runs, and opens the run's page. */
  async function lose(tag: string): Promise<{ runId: string; user: LabUser }> {
    const user = await rig.addUser(tag);
    const { id } = await start(rig.client, { module: 'test.change', selector: tag, params: { tag } });
    await begun(tag, 1, user);
    await page.goto(`${rig.server.url}/runs/${id}`);
    await shows(id, 'running');
    for (const pid of rig.sshd.sessionPids(user.name)) killNow(pid);
    await button('1 lost').waitFor();
    await agrees(page, rig, id);
    return { runId: id, user };
  }

  it('pauses: what runs goes on to its end, nothing new starts until it is resumed', async () => {
    const id = await begin('pause', 3, { parallel: 3 });
    const still = page.getByRole('region', { name: 'Still running' });
    for (const name of ['h-001', 'h-002', 'h-003']) await still.getByText(name).waitFor();
    await button('Pause').click();
    await shows(id, 'pausing');
    letGo('pause');
    await shows(id, 'paused');
    expect(await countsOf(id)).toMatchObject({ ok: 3, pending: 5 });
    expect(lines('pause')).toHaveLength(3);
    await button('Resume').click();
    await shows(id, 'succeeded');
    expect(lines('pause')).toHaveLength(8);
  });

  it('pauses after the wave that runs, and goes on with the next one', async () => {
    const id = await begin('wave', 3, { rollout: { waves: [3, '100%'] } });
    await button('Pause after this wave').click();
    await button('Resume').waitFor();
    letGo('wave');
    await shows(id, 'paused');
    expect(await countsOf(id)).toMatchObject({ ok: 3, pending: 5 });
    const waves = page.getByRole('list', { name: 'Waves' });
    expect((await waves.innerText()).replace(/\s+/g, ' ')).toMatch(/3\/3.*0\/5/);
    await button('Resume').click();
    await shows(id, 'succeeded');
  });

  it('stops: says what that will do, lets finish what runs, and takes up the rest by a retry', async () => {
    const id = await begin('stop', 2, { parallel: 2 });
    await button('Stop').click();
    await sheet('Stop this run?').getByText('6 will not start.').waitFor();
    await sheet('Stop this run?').getByText('2 running will finish.').waitFor();
    expect(await countsOf(id)).toMatchObject({ running: 2, pending: 6 });
    await sheet('Stop this run?').getByRole('button', { name: 'Stop' }).click();
    await shows(id, 'stopping');
    letGo('stop');
    await shows(id, 'partly succeeded');
    expect(await countsOf(id)).toMatchObject({ ok: 2, not_started: 6 });
    await button('Retry 6 not OK').click();
    await sheet('Retry on servers that are not OK').getByRole('button', { name: 'Retry on 6 servers' }).click();
    await page.getByText('attempt 2').waitFor();
    await shows(id, 'succeeded');
    expect(lines('stop').sort().join('')).toBe('11222222');
  });

  it('aborts: what runs is ended on its server', async () => {
    const id = await begin('abort', 2, { parallel: 2 });
    await button('More ways to end the run').click();
    await page.getByRole('menuitem', { name: 'Abort: what runs is ended' }).click();
    await sheet('Abort this run?').getByText('2 running get TERM').waitFor();
    await sheet('Abort this run?').getByRole('button', { name: 'Abort' }).click();
    await shows(id, 'aborted');
    expect(await countsOf(id)).toMatchObject({ aborted: 2, not_started: 6 });
    await waitFor('nothing is left of it', () => rig.user.processes().every(({ command }) => command !== 'sleep 0.1'));
  });

  it('asks a lost server what became of its script, and shows the true result', async () => {
    const { runId, user } = await lose('probed');
    letGo('probed', user);
    await button('Probe 1 lost server').click();
    await page.getByText('Asked 1 server; its answer follows here.').waitFor();
    await shows(runId, 'succeeded');
    expect(await hostsOf(rig.client, runId)).toMatchObject([{ attempt: 1, state: 'ok', exitCode: 0 }]);
    expect(lines('probed', user)).toEqual(['1']);
  });

  it('shows what still runs on a lost server, and ends it when told to', async () => {
    const { runId, user } = await lose('killed');
    await button('Probe 1 lost server').click();
    await button('End what still runs on 1 server…').click();
    await sheet('End processes that outlived this run?').getByText('killed').waitFor();
    await sheet('End processes that outlived this run?').getByRole('button', { name: 'End processes' }).click();
    await shows(runId, 'failed');
    await button('1 failed').waitFor({ timeout: patience.timeout });
    expect(await hostsOf(rig.client, runId)).toMatchObject([{ state: 'failed', exitCode: 143, survivors: [] }]);
    expect(user.processes().filter(({ command }) => command === 'sleep 0.1')).toEqual([]);
    await expect.poll(() => button('End what still runs on 1 server…').count(), patience).toBe(0);
  });

  it('retries a lost server only where nothing of it still runs, unless told so', async () => {
    const { runId, user } = await lose('again');
    const retry = sheet('Retry on servers that are not OK');
    await button('Retry 1 not OK').click();
    await retry.getByText('Lost servers are asked first what became of their script').waitFor();
    await retry.getByRole('button', { name: 'Retry on 1 server' }).click();
    await page.getByText('attempt 2').first().waitFor();
    await page
      .getByText(/Attempt 1 is still running as pid \d+, so nothing was run/)
      .first()
      .waitFor();
    await agrees(page, rig, runId);
    expect(lines('again', user)).toEqual(['1']);
    await button('Retry 1 not OK').click();
    await retry.getByRole('switch', { name: 'Also where a lost script still runs' }).check({ force: true });
    await retry.getByRole('button', { name: 'Retry on 1 server' }).click();
    await begun('again', 2, user);
    letGo('again', user);
    await shows(runId, 'succeeded');
    expect(lines('again', user)).toEqual(['1', '3']);
  });

  it('breaks nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});
