import { existsSync, readFileSync } from 'node:fs';
import type { HostRun } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow, listProcesses } from '../lab/processes.ts';
import type { LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, hostsOf, type ModuleFile, type Rig, start, startRig } from './rig.ts';

/** Each execution leaves a line with its attempt, takes its time and ends with 3. */
const journal = (seconds: number) => `echo "$OM_ATTEMPT" >>"$file"; sleep ${seconds}; exit 3`;
const params = { file: { type: 'string' } };
const modules: ModuleFile[] = [
  { id: 'soon.login', params, shell: journal(2) },
  { id: 'soon.root', runAs: 'root', params, shell: journal(2) },
  { id: 'long.login', params, shell: journal(600) },
  { id: 'long.root', runAs: 'root', params, shell: journal(600) },
];

describe.skipIf(!has('sshd', 'useradd', 'sudo'))('a host that was lost', () => {
  let rig: Rig;
  const users = new Map<string, LabUser>();

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, modules });
    for (const name of ['late', 'soon', 'long', 'gone'].flatMap((name) => [`${name}-login`, `${name}-root`]))
      users.set(name, await rig.addUser(name, { sudo: 'password', sudoPassword: 'right' }));
  });
  afterAll(() => rig?.stop());

  /** Starts a module on a host, and cuts the connection while it runs. */
  async function lose(module: string, host: string) {
    const user = users.get(host);
    if (!user) throw new Error(`there is no ${host}`);
    const file = `${user.home}/${module}`;
    const executions = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
    const { id } = await start(rig.client, { module, selector: host, params: { file } });
    await waitFor('the body runs', () => executions().length === 1);
    for (const pid of rig.sshd.sessionPids(user.name)) killNow(pid);
    expect((await finished(rig.client, id)).counts).toMatchObject({ lost: 1 });
    return { id, executions, alive: () => alive(id) };
  }

  async function retried(runId: string): Promise<Partial<HostRun> | undefined> {
    await rig.client.call('runs.retry', { runId });
    await finished(rig.client, runId);
    return (await hostsOf(rig.client, runId))[0];
  }

  describe.concurrent.each(['login', 'root'])('as %s', (who) => {
    it('is not run again when it has finished, and gives its true result', async () => {
      const { id, executions, alive } = await lose(`soon.${who}`, `late-${who}`);
      await waitFor('it has finished on the host', () => alive().length === 0);
      const message = 'Attempt 1 had finished on the server with exit code 3, so nothing was run again.';
      expect(await retried(id)).toMatchObject({ attempt: 2, state: 'failed', exitCode: 3, message });
      expect(executions()).toEqual(['1']);
      // It failed, and is no longer lost: this time it is run.
      expect(await retried(id)).toMatchObject({ attempt: 3, state: 'failed', exitCode: 3, message: null });
      expect(executions()).toEqual(['1', '3']);
    });

    it('is waited for while it still runs', async () => {
      const { id, executions, alive } = await lose(`soon.${who}`, `soon-${who}`);
      expect(alive()).not.toEqual([]);
      expect(await retried(id)).toMatchObject({ attempt: 2, state: 'failed', exitCode: 3 });
      expect(executions()).toEqual(['1']);
    });

    it('is ended by an abort while it is waited for', async () => {
      const { id, executions, alive } = await lose(`long.${who}`, `long-${who}`);
      await rig.client.call('runs.retry', { runId: id });
      await waitFor('it is asked about', async () => (await rig.client.call('runs.get', { runId: id })).counts.running);
      expect(alive()).not.toEqual([]);
      await rig.client.call('runs.abort', { runId: id });
      await finished(rig.client, id);
      expect((await hostsOf(rig.client, id))[0]).toMatchObject({
        ...{ state: 'aborted', message: 'Aborted; attempt 1, which still ran, was ended.' },
      });
      await waitFor('not even the timer is left', () => alive().length === 0);
      expect(executions()).toEqual(['1']);
    });

    it('is run again when it was killed, and nobody knows how it ended', async () => {
      const { id, executions, alive } = await lose(`soon.${who}`, `gone-${who}`);
      for (const pid of [...wrappers(id), ...alive()]) killNow(pid);
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
    return [...found].reverse();
  }
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
