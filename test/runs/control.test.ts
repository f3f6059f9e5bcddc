import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParamsIn, Run } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { apiToken } from '../lab/operators.ts';
import { killNow } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, hostsOf, type ModuleFile, outputOf, type Rig, start, startRig } from './rig.ts';

/** Each execution leaves a line, waits for a file that lets all go on, and fails where it was told to. */
const step =
  'echo "$OM_HOST" >>"$HOME/$tag"; while [ ! -e "$HOME/$tag.go" ]; do sleep 0.1; done; [ "$OM_HOST" != "$bad" ]';
const params = { tag: { type: 'string' }, bad: { type: 'string', default: '' } };
const modules: ModuleFile[] = [
  { id: 'test.step', params, shell: step },
  { id: 'test.change', risk: 'change', shell: 'true' },
  { id: 'test.restart', risk: 'disruptive', params, shell: step },
  { id: 'test.wipe', risk: 'destructive', params, shell: step },
];

describe.skipIf(!has('sshd', 'useradd'))('an operator steers a run', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ hosts: 8, modules });
  });
  afterAll(() => rig?.stop());

  const lines = (tag: string) => {
    const file = join(rig.user.home, tag);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  const begun = (tag: string, n: number) => waitFor(`${n} scripts of ${tag} run`, () => lines(tag).length >= n);
  /** Lets every script of this tag end, now and later. */
  const letGo = (tag: string) => {
    writeFileSync(join(rig.user.home, `${tag}.go`), '');
  };
  const begin = (tag: string, asked: Partial<ParamsIn<'runs.plan'>> = {}) =>
    start(rig.client, { module: 'test.step', selector: '*', ...asked, params: { tag, ...asked.params } });
  const until = async (runId: string, ...states: Run['state'][]): Promise<Run> => {
    for await (const { run } of rig.client.stream('runs.watch', { runId, hosts: false }))
      if (states.includes(run.state)) return run;
    throw new Error('the run ended in another state');
  };

  it('goes on wave by wave, asking in between, also after the server was restarted', async () => {
    letGo('ask');
    const { id } = await begin('ask', { rollout: { canary: 1, waves: [3, '100%'], wait: 'ask' } });
    expect(await until(id, 'paused')).toMatchObject({ wave: 1, counts: { ok: 1, pending: 7 } });
    expect(lines('ask')).toHaveLength(1);
    await rig.server.kill9();
    await rig.server.restart();
    expect((await rig.client.call('runs.get', { runId: id })).state).toBe('paused');
    await rig.client.call('runs.resume', { runId: id });
    expect(await until(id, 'paused')).toMatchObject({ wave: 2, counts: { ok: 4, pending: 4 } });
    await rig.client.call('runs.resume', { runId: id });
    expect(await finished(rig.client, id)).toMatchObject({ state: 'succeeded', counts: { ok: 8 } });
  });

  it('pauses: what runs goes on to its end, nothing new starts until it is resumed', async () => {
    const { id } = await begin('pause', { parallel: 3 });
    await begun('pause', 3);
    expect((await rig.client.call('runs.pause', { runId: id })).state).toBe('pausing');
    letGo('pause');
    expect(await until(id, 'paused')).toMatchObject({ counts: { ok: 3, pending: 5 } });
    expect((await rig.client.call('runs.pause', { runId: id })).state).toBe('paused');
    await rig.client.call('runs.resume', { runId: id });
    expect((await finished(rig.client, id)).counts.ok).toBe(8);
  });

  it('stops: what has not started is not_started, and a retry of it takes up the rest', async () => {
    const { id } = await begin('stop', { parallel: 2 });
    await begun('stop', 2);
    expect(await rig.client.call('runs.stop', { runId: id })).toMatchObject({
      state: 'stopping',
      counts: { not_started: 6, running: 2 },
    });
    letGo('stop');
    expect((await finished(rig.client, id)).state).toBe('partly_succeeded');
    await rig.client.call('runs.retry', { runId: id, states: ['not_started'] });
    expect(await finished(rig.client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(lines('stop')).toHaveLength(8);
  });

  it('is stopped by a canary that fails, before anything else starts', async () => {
    letGo('canary');
    const rollout = { canary: 1, stopWhen: { percent: 10 } };
    const { id } = await begin('canary', { rollout, params: { bad: 'h-001' } });
    const run = await finished(rig.client, id);
    expect(run).toMatchObject({ state: 'failed', counts: { failed: 1, not_started: 7 } });
    expect(run.stopReason).toBe('1 of 1 server in wave 1 failed; the plan stops at more than 10 %.');
    expect(lines('canary')).toHaveLength(1);
  });

  it('asks for what the risk demands, of every client, and goes carefully in production', async () => {
    letGo('gate');
    const plan = (module: string, selector = '*') =>
      rig.client.call('runs.plan', { module, selector, params: module === 'test.change' ? {} : { tag: 'gate' } });
    const tryStart = (asked: { id: string; digest: string }, given: object) =>
      rig.client.call('runs.start', { planId: asked.id, digest: asked.digest, runId: uuid(), ...given });

    const restart = await plan('test.restart');
    expect(restart.gate).toEqual({ kind: 'confirm', phrase: '8', reason: false });
    const refused = { code: 'CONFIRM_REQUIRED', details: { phrase: '8' } };
    await expect(tryStart(restart, {})).rejects.toMatchObject(refused);
    await expect(tryStart(restart, { confirm: '7' })).rejects.toMatchObject(refused);

    const wipe = await plan('test.wipe', 'h-[001-003]');
    expect(wipe.gate).toEqual({ kind: 'confirm', phrase: 'default 3', reason: true });
    const confirm = 'default 3';
    await expect(tryStart(wipe, { confirm, reason: ' short    ' })).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
    const { id } = await tryStart(wipe, { confirm, reason: 'the disks are to be sold' });
    expect((await finished(rig.client, id)).reason).toBe('the disks are to be sold');

    for (const name of ['p-1', 'p-2', 'p-3']) await rig.addUser(name, { environment: 'prod' });
    expect((await plan('test.change', 'h-001')).gate).toEqual({ kind: 'none' });
    const change = await plan('test.change', 'p-1,h-001');
    expect(change.gate).toEqual({ kind: 'agree', phrase: 'default+prod 2' });
    const asks = { code: 'CONFIRM_REQUIRED', details: { phrase: 'default+prod 2', kind: 'agree' } };
    await expect(tryStart(change, {})).rejects.toMatchObject(asks);
    await expect(tryStart(change, { confirm: 'yes' })).rejects.toMatchObject(asks);
    const changed = await tryStart(change, { confirm: 'default+prod 2' });
    await finished(rig.client, changed.id);
    const again = (given: object) => rig.client.call('runs.retry', { runId: changed.id, states: ['ok'], ...given });
    await expect(again({})).rejects.toMatchObject(asks);
    expect((await again({ confirm: 'default+prod 2' })).attempt).toBe(2);
    await finished(rig.client, changed.id);

    const secret = await apiToken(rig.admin);
    const params = { planId: restart.id, digest: restart.digest, runId: uuid() };
    const answer = await fetch(new URL('/rpc', rig.server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: uuid(), method: 'runs.start', params }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { data: { code: 'CONFIRM_REQUIRED' } } });

    const careful = await plan('test.restart', 'p-1,p-2,p-3');
    expect(careful.rollout).toMatchObject({ waves: [1, 1, 1], stopWhen: { percent: 10 } });
    const all = { module: 'test.restart', selector: 'p-1,p-2,p-3', params: { tag: 'gate' }, rollout: { waves: [3] } };
    await expect(rig.client.call('runs.plan', all)).rejects.toMatchObject({ code: 'LIMIT' });
  });

  it('hears of a lost script what became of it, by itself, as soon as its server answers again', async () => {
    const user = await rig.addUser('torn');
    const tag = 'torn';
    const { id } = await start(rig.client, { module: 'test.step', selector: 'torn', params: { tag } });
    const log = join(user.home, tag);
    await waitFor('the script runs', () => existsSync(log));
    for (const pid of rig.sshd.sessionPids(user.name)) killNow(pid);
    await until(id, 'failed');
    await waitFor(
      'the probe finds it running',
      async () => {
        const [host] = await hostsOf(rig.client, id);
        return host?.state === 'lost' && host.survivors.length === 1;
      },
      30_000,
    );
    writeFileSync(join(user.home, `${tag}.go`), '');
    await rig.client.call('runs.probe', { runId: id });
    await waitFor(
      'the probe brings the true result',
      async () => {
        const [host] = await hostsOf(rig.client, id);
        return host?.state === 'ok' && host.exitCode === 0;
      },
      30_000,
    );
    expect((await rig.client.call('runs.get', { runId: id })).state).toBe('succeeded');
    expect(readFileSync(log, 'utf8').split('\n').length).toBe(2);
    expect((await outputOf(rig.client, id, 0)).length).toBe(0);
  });

  it('ends what is left of a lost script, when told to', async () => {
    const user = await rig.addUser('alive');
    const tag = 'alive';
    const { id } = await start(rig.client, { module: 'test.step', selector: 'alive', params: { tag } });
    await waitFor('the script runs', () => existsSync(join(user.home, tag)));
    for (const pid of rig.sshd.sessionPids(user.name)) killNow(pid);
    await until(id, 'failed');
    expect(await rig.client.call('runs.kill', { runId: id, hosts: [0] })).toMatchObject({ asked: 1 });
    await waitFor('nothing is left of it', () => user.processes().every(({ command }) => !command.includes('sleep')));
    await waitFor('the host says so', async () => (await hostsOf(rig.client, id))[0]?.survivors.length === 0, 30_000);
  });
});
