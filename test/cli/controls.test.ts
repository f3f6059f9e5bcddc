import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { type ModuleFile, type Rig, startRig } from '../runs/rig.ts';
import { createOm, loginWith, type Om } from './om.ts';

/** Each execution leaves a line, waits for a file that lets all go on, and fails where it was told to. */
const step =
  'echo "$OM_HOST" >>"$HOME/$tag"; while [ ! -e "$HOME/$tag.go" ]; do sleep 0.1; done; [ "$OM_HOST" != "$bad" ]';
const params = { tag: { type: 'string' }, bad: { type: 'string', default: '' } };
const modules: ModuleFile[] = [
  { id: 'test.step', params, shell: step },
  { id: 'test.wipe', risk: 'destructive', params, shell: step },
  { id: 'test.long', risk: 'change', params, shell: 'echo "$$" >>"$HOME/$tag"; sleep 600' },
];

describe.skipIf(!has('sshd', 'useradd'))('om steers a run', () => {
  let rig: Rig;
  let om: Om;
  beforeAll(async () => {
    rig = await startRig({ hosts: 4, modules });
    om = createOm();
    const { link } = await rig.client.call('invites.create', { role: 'operator' });
    await loginWith(om, link, 'ada');
  });
  afterAll(async () => {
    om?.remove();
    await rig?.stop();
  });

  const web = ['-t', 'h-[001-004]'];
  const lines = (tag: string) => {
    const file = join(rig.user.home, tag);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  const begun = (tag: string, n: number) => waitFor(`${n} scripts of ${tag} run`, () => lines(tag).length >= n);
  const letGo = (tag: string) => writeFileSync(join(rig.user.home, `${tag}.go`), '');
  const said = async (code: number, ...args: string[]): Promise<string> => {
    const result = await om(...args);
    expect([result.code, result.stderr], args.join(' ')).toEqual([code, expect.anything()]);
    return result.stdout + result.stderr;
  };
  const step4 = (tag: string, ...more: string[]) => ['run', 'test.step', ...web, '-p', `tag=${tag}`, ...more];
  const begin = async (...args: string[]): Promise<string> => {
    const started = await om.json([...args, '--detach']);
    return String(started.find(({ type }) => type === 'started')?.runId);
  };
  const stateOf = async (runId: string) => (await rig.client.call('runs.get', { runId })).state;

  it('draws the waves of a plan, and what stops it', async () => {
    const rollout = [
      '--canary',
      '1',
      '--waves',
      '50%,100%',
      '--wait',
      '30s',
      '--stop-when',
      '1,10%',
      '--per-zone',
      '2',
    ];
    const plan = await said(0, 'plan', 'test.step', ...web, '-p', 'tag=plan', ...rollout, '--ignore-unreachable');
    expect(plan).toContain('Waves    canary 1 › 2 › 1, 30 s between, at most 2 of a zone at once\n');
    expect(plan).toContain(
      'Stops    when more than 1 server or more than 10 % of a wave failed (unreachable ones do not count)\n',
    );
    expect(await said(3, 'plan', 'test.step', ...web, '--ignore-unreachable')).toContain('--stop-when');
  });

  it('lets go with 4 where a run waits between waves, and goes on by resume', async () => {
    letGo('ask');
    const { code, stdout } = await om(...step4('ask', '--canary', '1', '--waves', '2', '--wait', 'ask', '--json'));
    expect(code).toBe(4);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ type: 'paused', wave: 1, pending: 3 });
    expect(events.find(({ type, state }) => type === 'state' && state === 'paused')).toMatchObject({ wave: 1 });
    const { runId } = events.at(-1);
    expect(await said(4, 'runs', 'watch', runId)).toContain(`om runs resume ${runId}, then om runs watch ${runId}`);
    const shown = await said(0, 'runs', 'show', runId);
    expect(shown).toMatch(/Waves +canary +1\/1 ✓ +ok 1\n +› wave 2 +2 waiting/);
    expect(await said(0, 'runs', 'resume', runId)).toContain(
      'Going on with wave 2 (2 servers); 3 servers wait in all.',
    );
    expect(await said(4, 'runs', 'watch', runId)).toContain('Paused before wave 3 (1 server)');
    expect(await said(0, 'runs', 'stop', runId)).toContain('Stopped: 1 server will not start, nothing is running.');
    expect(await said(0, 'runs', 'stop', runId)).toContain('The run is over (partly succeeded); nothing was changed.');
    expect(await said(2, 'runs', 'watch', runId)).toContain('ok 3, not started 1 of 4 servers');
    const again = await said(0, 'runs', 'retry', runId, '--states', 'not_started', '--hosts', 'h-[003-004]');
    expect(again).toContain('succeeded: ok 4 of 4 servers');
  });

  it('keeps waiting with --wait-paused, and where somebody paused in the middle of a wave', async () => {
    letGo('wait');
    const waiting = om.start(...step4('wait', '--waves', '2', '--wait', 'ask', '--wait-paused', '--json'));
    const runId = await newest('wait');
    await waitFor('it is paused', async () => (await stateOf(runId)) === 'paused');
    await said(0, 'runs', 'resume', runId);
    expect((await waiting.done).code).toBe(0);

    const middle = om.start(...step4('middle', '--parallel', '1'));
    const paused = await newest('middle');
    await begun('middle', 1);
    expect(await said(0, 'runs', 'pause', paused)).toContain(
      'Pausing: nothing new starts, 1 running one finishes, 3 servers wait.',
    );
    letGo('middle');
    await waitFor('it is paused', async () => (await stateOf(paused)) === 'paused');
    expect(await said(0, 'runs', 'pause', paused)).toContain('Paused: 3 servers wait.');
    expect(await said(0, 'top', '--once')).toMatch(
      new RegExp(`^${paused} +paused +test.step +1/4 +0 +0 +3 +ada$`, 'm'),
    );
    expect((await om.json(['top', '--once']))[0]).toMatchObject({ type: 'top', runs: [{ id: paused }], workers: [] });
    expect(await said(0, 'runs', 'resume', paused)).toContain('3 servers wait in all.');
    expect(await said(0, 'runs', 'resume', paused)).toMatch(/It was not paused|The run is over/);
    const ended = await middle.done;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/^paused {2}1\/4 {2}ok 1$/m);
  });

  it('says what a pause after the wave, a stop and an abort will do', async () => {
    const runId = await begin(...step4('words', '--waves', '1,3', '--wait', '1h'));
    await begun('words', 1);
    expect(await said(0, 'runs', 'pause', runId, '--after-wave')).toContain(
      'It pauses when canary is over: 4 servers are left in all.',
    );
    expect(await said(0, 'runs', 'resume', runId)).toContain('It goes on after this wave without a pause.');
    expect(await said(0, 'runs', 'stop', runId)).toContain(
      'Stopping: 3 servers will not start, 1 running one finishes.',
    );
    expect(await said(0, 'runs', 'stop', runId)).toContain('It is being stopped already: 1 running one finishes.');
    expect(await said(3, 'runs', 'pause', runId)).toContain('cannot be paused');
    expect(await said(0, 'runs', 'abort', runId, '--grace', '1s')).toContain(
      'Aborting: all had started, 1 running one is ended (TERM, after 1 s KILL).',
    );
    expect(await said(2, 'runs', 'watch', runId)).toContain('aborted 1, not started 3 of 4 servers');
  });

  it('stops by itself and says why', async () => {
    letGo('stops');
    const args = step4('stops', '-p', 'bad=h-002', '--waves', '1', '--max-fail', '0');
    const told = await said(2, ...args);
    expect(told).toContain('Stopped: 1 server failed; the plan stops at more than 0.');
    expect(told).toContain('ok 1, failed 1, not started 2 of 4 servers');
    expect(await said(0, 'runs', 'show', 'last')).toMatch(/Stopped +1 server failed/);
  });

  it('wants a reason for what destroys, and shows it', async () => {
    letGo('wipe');
    const wipe = ['run', 'test.wipe', '-t', 'h-001', '-p', 'tag=wipe', '--confirm', 'default 1'];
    expect(await said(3, ...wipe)).toContain('--reason');
    expect(await said(3, ...wipe, '--reason', 'because')).toContain('at least 10 characters');
    expect(await said(0, ...wipe, '--reason', 'the disk is replaced today')).toContain(
      'Gate     wants "default 1" to be typed, and a reason of at least 10 characters\n',
    );
    expect(await said(0, 'runs', 'show', 'last')).toMatch(/Reason +the disk is replaced today/);
    const again = ['runs', 'retry', 'last', '--state', 'ok', '--confirm', 'default 1'];
    expect(await said(3, ...again)).toContain('--reason');
    await said(0, ...again, '--reason', 'once more, with feeling');
    expect(await said(0, 'runs', 'attempts', 'last', 'h-001')).toMatch(/^1 +ok +0 .*\n2 +ok +0 /m);
  });

  it('asks a lost server, and ends what is left there', async () => {
    const user = await rig.addUser('db-2');
    const runId = await begin('run', 'test.long', '-t', 'db-2', '-p', 'tag=long');
    await waitFor('it runs', () => existsSync(join(user.home, 'long')));
    for (const pid of rig.sshd.sessionPids(user.name)) killNow(pid);
    expect(await said(2, 'runs', 'watch', runId)).toContain('✕ lost  db-2 (1)');
    const told = await said(2, 'runs', 'probe', runId, 'db-2');
    expect(told).toContain('Asking 1 server what became of its script.');
    expect(told).toMatch(
      new RegExp(`Still running there: db-2 \\(pid \\d+\\); end it with: om runs kill ${runId} db-2`),
    );
    expect(await said(0, 'runs', 'show', runId)).toContain('Still running there: db-2 (pid ');
    expect(await said(3, 'runs', 'kill', runId, 'db-2')).toMatch(/db-2: pid \d+\n(.|\n)*--yes/);
    expect(await said(0, 'runs', 'kill', runId, 'db-2', '--yes')).toMatch(
      /db-2 {2}failed \(exit 143\), what ran there is gone/,
    );
    expect(await said(0, 'runs', 'probe', runId)).toContain('No server of the run is lost');
    expect(await said(3, 'runs', 'kill', runId, 'db-2', '--yes')).toContain('Nothing is known to run');
  });

  /** The run that was just started with this tag. */
  async function newest(tag: string): Promise<string> {
    return waitFor(`the run of ${tag}`, async () => {
      const { items } = await rig.client.call('runs.list', { limit: 1 });
      return items[0]?.params.tag === tag ? items[0].id : undefined;
    });
  }
});
