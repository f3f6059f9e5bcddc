import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { HostRun } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow, listProcesses } from '../lab/processes.ts';
import type { LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, hostsOf, type ModuleFile, outputOf, type Rig, start, startRig } from './rig.ts';

/** Each execution leaves a line with its attempt, says something, takes its time and ends with 3. */
const journal = (seconds: number | string, last: string) =>
  `echo "$OM_ATTEMPT" >>"$file"; echo begun; sleep ${seconds}; ${last}; exit 3`;
/** A script that only reads ends with the connection that it writes to, so that it says nothing more here. */
const lastWords = { read: ':', change: 'echo "token $token" >&2' };
const params = { file: { type: 'string' }, token: { type: 'string', secret: true } };
const once = '"$([ "$OM_ATTEMPT" = 1 ] && echo 600 || echo 0)"';
const asks = {
  'soon.look': ['read', 4],
  'soon.change': ['change', 4],
  'long.change': ['change', 600],
  'once.change': ['change', once],
} as const;
const modules: ModuleFile[] = Object.entries(asks).flatMap(([id, [risk, seconds]]) =>
  ['login', 'root'].map((runAs) => ({
    id: `${id}.${runAs}`,
    risk,
    runAs,
    params,
    shell: journal(seconds, lastWords[risk]),
  })),
);
const token = 'hunter2-hunter2';

describe.skipIf(!has('sshd', 'useradd', 'sudo'))('a host that was lost', () => {
  let rig: Rig;
  const users = new Map<string, LabUser>();

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, modules });
    const names = ['look', 'change', 'beside', 'forced', 'killed', 'gone', 'tidy'];
    for (const name of names.flatMap((name) => [`${name}-login`, `${name}-root`]))
      users.set(name, await rig.addUser(name, { sudo: 'password', sudoPassword: 'right' }));
  });
  afterAll(() => rig?.stop());

  /** Starts a module on a host, and cuts the connection while it runs. */
  async function lose(module: string, host: string) {
    const user = users.get(host);
    if (!user) throw new Error(`there is no ${host}`);
    const file = `${user.home}/${module}`;
    const executions = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
    const { id } = await start(rig.client, { module, selector: host, params: { file, token } });
    await waitFor('the body runs', () => executions().length === 1);
    for (const pid of rig.sshd.sessionPids(user.name)) killNow(pid);
    expect((await finished(rig.client, id)).counts).toMatchObject({ lost: 1 });
    return { id, executions, alive: () => alive(id) };
  }

  async function hostOf(runId: string): Promise<HostRun> {
    const [host] = await hostsOf(rig.client, runId);
    if (!host) throw new Error('the run has no host');
    return host;
  }

  async function retried(runId: string, force = false): Promise<HostRun> {
    await rig.client.call('runs.retry', { runId, force });
    await finished(rig.client, runId);
    return hostOf(runId);
  }

  /** Waits until the host says what became of its script, without anybody asking for it. */
  const told = (runId: string) =>
    waitFor(
      'the true result',
      async () => {
        const host = await hostOf(runId);
        return host.state === 'lost' ? undefined : host;
      },
      30_000,
    );

  const everything = async (runId: string) =>
    Buffer.concat([await outputOf(rig.client, runId, 0), await outputOf(rig.client, runId, 0, 'stderr')]).toString();

  describe.concurrent.each(['login', 'root'])('as %s', (who) => {
    it('tells its true result once it has one, and is not run again for it', async () => {
      const { id, executions } = await lose(`soon.look.${who}`, `look-${who}`);
      expect(await told(id)).toMatchObject({ attempt: 1, state: 'failed', exitCode: 3 });
      expect(executions()).toEqual(['1']);
      // It failed, and is no longer lost: a retry runs it.
      expect(await retried(id)).toMatchObject({ attempt: 2, state: 'failed', exitCode: 3, message: null });
      expect(executions()).toEqual(['1', '2']);
    });

    it('keeps nothing of a script whose result is stored', async () => {
      const host = `tidy-${who}`;
      const home = who === 'root' ? '/root' : users.get(host)?.home;
      const file = `${users.get(host)?.home}/journal`;
      const { id } = await start(rig.client, { module: `soon.change.${who}`, selector: host, params: { file, token } });
      const records = () => readdirSync(`${home}/.omanager/run`).filter((name) => name.startsWith(id));
      await waitFor('it runs', () => existsSync(file));
      await waitFor('its record is there', () => records().length === 5);
      expect((await finished(rig.client, id)).counts).toMatchObject({ failed: 1 });
      await waitFor('its record is gone', () => records().length === 0);
      expect((await outputOf(rig.client, id, 0)).toString()).toBe('begun\n');
      expect((await outputOf(rig.client, id, 0, 'stderr')).toString()).toBe('token ••••\n');
    });

    it('is not ended by the loss of its connection where it changes something, and tells what it said', async () => {
      const { id } = await lose(`soon.change.${who}`, `change-${who}`);
      expect(await told(id)).toMatchObject({ attempt: 1, state: 'failed', exitCode: 3 });
      const said = await everything(id);
      expect(said).toContain('token ••••\n');
      expect(said).not.toContain(token);
    });

    it('is not run beside itself, and a later retry still finds it', async () => {
      const { id, executions, alive } = await lose(`long.change.${who}`, `beside-${who}`);
      for (const attempt of [2, 3]) {
        const { state, survivors, message, ...host } = await retried(id);
        expect({ attempt: host.attempt, state }).toEqual({ attempt, state: 'lost' });
        expect(survivors).toHaveLength(1);
        expect(message).toContain(`Attempt 1 is still running as pid ${survivors[0]}, so nothing was run.`);
      }
      expect(executions()).toEqual(['1']);
      await rig.client.call('runs.kill', { runId: id, hosts: [0] });
      expect(await told(id)).toMatchObject({ attempt: 3, state: 'failed', exitCode: 143, survivors: [] });
      expect(alive()).toEqual([]);
    });

    it('is run beside itself when told to', async () => {
      const { id, executions, alive } = await lose(`once.change.${who}`, `forced-${who}`);
      expect(await retried(id, true)).toMatchObject({ attempt: 2, state: 'failed', exitCode: 3, message: null });
      expect(executions()).toEqual(['1', '2']);
      expect(alive()).not.toEqual([]);
      for (const pid of alive()) killNow(pid);
    });

    it('is ended with all its children when told to', async () => {
      const { id, executions, alive } = await lose(`long.change.${who}`, `killed-${who}`);
      await rig.client.call('runs.kill', { runId: id, hosts: [0] });
      expect(await told(id)).toMatchObject({ attempt: 1, state: 'failed', exitCode: 143, survivors: [] });
      expect(alive()).toEqual([]);
      expect(await everything(id)).toContain('begun');
      expect(executions()).toEqual(['1']);
    });

    it('is run again when it was killed, and nobody knows how it ended', async () => {
      const { id, executions, alive } = await lose(`once.change.${who}`, `gone-${who}`);
      for (const pid of [...wrappers(id), ...alive()]) killNow(pid);
      await waitFor('it says so', async () => (await hostOf(id)).message?.includes('was killed on the server'), 30_000);
      expect(await retried(id)).toMatchObject({ attempt: 2, state: 'failed', exitCode: 3, message: null });
      expect(executions()).toEqual(['1', '2']);
    });
  });

  /** Processes that began in the run's body. */
  function alive(runId: string): number[] {
    return listProcesses().flatMap(({ pid, zombie }) => (!zombie && environmentOf(pid).includes(runId) ? [pid] : []));
  }

  /** The shells that wait for the body of a run, outermost first, so that none sees the end of another. */
  function wrappers(runId: string): number[] {
    const all = new Map(listProcesses().map((process) => [process.pid, process]));
    const found = new Set<number>();
    for (const body of alive(runId))
      for (let at = all.get(all.get(body)?.parent ?? 0); at && /om_s=/.test(at.command); at = all.get(at.parent))
        found.add(at.pid);
    const depth = (pid: number): number => (found.has(pid) ? 1 + depth(all.get(pid)?.parent ?? 0) : 0);
    return [...found].sort((a, b) => depth(a) - depth(b));
  }
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
