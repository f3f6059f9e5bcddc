import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { HostRun, Run } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { descendants, killNow, listProcesses } from '../lab/processes.ts';
import type { LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { addHosts, finished, hostsOf, type ModuleFile, outputOf, type Rig, start, startRig } from './rig.ts';

const sleepers = `
sleep 600 &
sh -c 'sleep 600; sleep 600' &
(sleep 600; echo never) &
echo sleeping
sleep 600
echo never
`;
const stubborn = `
sh -c 'trap "" TERM; while :; do sleep 600; done' &
trap '' TERM
echo sleeping
sleep 600
sleep 600
`;
const runaway = `
setsid sh -c 'echo "$$"; exec sleep 600' &
sleep 600
`;

const kinds = { sleepers, stubborn, runaway };
const modules: ModuleFile[] = [
  ...Object.entries(kinds).flatMap(([id, shell]) => [
    { id: `stay.${id}`, shell },
    { id: `stay.${id}.root`, risk: 'change', runAs: 'root', shell },
  ]),
  {
    id: 'put.file',
    params: { data: { type: 'string', format: 'file', maxLength: 5_000_000 }, to: { type: 'string' } },
    copy: { file: 'data', to: '{to}' },
  },
  {
    id: 'put.file.root',
    runAs: 'root',
    params: { data: { type: 'string', format: 'file', maxLength: 5_000_000 }, to: { type: 'string' } },
    copy: { file: 'data', to: '{to}' },
  },
];

describe.skipIf(!has('sshd', 'useradd', 'sudo'))('a run that is called off', () => {
  let rig: Rig;
  let plain: LabUser;
  let sudoer: LabUser;
  let silent: Server;
  const left: number[] = [];

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, modules });
    plain = await rig.addUser('plain', { environment: 'test' });
    sudoer = await rig.addUser('sudo', { sudo: 'password', sudoPassword: 'right', environment: 'sudo' });
    await rig.addUser('sudo-pty', {
      ...{ sudo: 'password', sudoPassword: 'right', sudoOptions: 'use_pty', environment: 'sudo' },
    });
    silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterAll(async () => {
    for (const pid of left) killNow(pid);
    silent?.close();
    await rig?.stop();
  });

  /** Plain on one host; under sudo on one with use_pty and one without. */
  const both = (module: string) => [
    { module, selector: 'plain' },
    { module: `${module}.root`, selector: 'env:sudo' },
  ];

  /** Starts a module and waits until its body has said something on every host. */
  async function startStaying(asked: { module: string; selector: string; timeoutMs?: number }): Promise<Run> {
    const run = await start(rig.client, asked);
    await waitFor('every body sleeps', async () => {
      const said = await Promise.all(Array.from({ length: run.total }, (_, i) => outputOf(rig.client, run.id, i)));
      return said.every(({ length }) => length > 0);
    });
    expect(processesOf(run.id)).not.toEqual([]);
    return run;
  }

  async function abort(runId: string): Promise<{ run: Run; hosts: HostRun[] }> {
    await rig.client.call('runs.abort', { runId });
    return { run: await finished(rig.client, runId), hosts: await hostsOf(rig.client, runId) };
  }

  /** Processes that began in the run's body: they carry its id. */
  function processesOf(runId: string): number[] {
    return listProcesses().flatMap(({ pid, zombie }) => (!zombie && environmentOf(pid).includes(runId) ? [pid] : []));
  }

  /** What sshd still runs for users of this test, apart from itself. */
  function sessionProcesses(): string[] {
    const sessions = listProcesses().filter(({ command }) => command === `sshd: ${plain.name}@notty`);
    return sessions.flatMap(({ pid }) => descendants(pid).map(({ command }) => command));
  }

  it('leaves no process behind within two seconds', async () => {
    await Promise.all(
      both('stay.sleepers').map(async (asked) => {
        const { id } = await startStaying(asked);
        const began = performance.now();
        const ending = abort(id);
        await waitFor('no process is left', () => processesOf(id).length === 0);
        expect(performance.now() - began).toBeLessThan(2000);
        const { run, hosts } = await ending;
        expect(run).toMatchObject({ state: 'aborted', counts: { aborted: run.total } });
        for (const { survivors, message } of hosts)
          expect({ survivors, message }).toEqual({
            survivors: [],
            message: 'Aborted; nothing of it is left on the server.',
          });
        expect((await outputOf(rig.client, id, 0)).toString()).toBe('sleeping\n');
      }),
    );
    await waitFor('the wrapper is gone too', () => sessionProcesses().length === 0);
  });

  it.concurrent('kills what does not obey', async () => {
    await Promise.all(
      both('stay.stubborn').map(async (asked) => {
        const { id } = await startStaying(asked);
        const { run, hosts } = await abort(id);
        expect(run).toMatchObject({ state: 'aborted', counts: { aborted: run.total } });
        expect(hosts.flatMap(({ survivors }) => survivors)).toEqual([]);
        expect(processesOf(id)).toEqual([]);
      }),
    );
  });

  it.concurrent('tells which process has left its group', async () => {
    await Promise.all(
      both('stay.runaway').map(async (asked) => {
        const { id } = await startStaying(asked);
        const { hosts } = await abort(id);
        const pids: number[] = [];
        for (const { ordinal, survivors, message } of hosts) {
          const pid = Number((await outputOf(rig.client, id, ordinal)).toString());
          pids.push(pid);
          expect(survivors).toEqual([pid]);
          expect(message).toBe(`Aborted; still running: pid ${pid}.`);
        }
        left.push(...pids);
        expect(processesOf(id).sort()).toEqual(pids.sort());
      }),
    );
  });

  it.concurrent('ends by itself when its time is up', async () => {
    await Promise.all(
      both('stay.sleepers').map(async (asked) => {
        const { id } = await startStaying({ ...asked, timeoutMs: 2500 });
        const run = await finished(rig.client, id);
        expect(run).toMatchObject({ state: 'failed', counts: { timed_out: run.total } });
        await waitFor('not even the timer is left', () => processesOf(id).length === 0);
        for (const { message } of await hostsOf(rig.client, id))
          expect(message).toBe('Did not finish within 2.5 s; nothing of it is left on the server.');
      }),
    );
  });

  it.concurrent('ends on the host when its time is up though the connection is gone', async () => {
    const { id } = await startStaying({ module: 'stay.sleepers', selector: 'h-001', timeoutMs: 3000 });
    for (const pid of rig.sshd.sessionPids(rig.user.name)) killNow(pid);
    expect((await finished(rig.client, id)).counts).toMatchObject({ lost: 1 });
    expect(processesOf(id)).not.toEqual([]);
    await waitFor('the host has ended it', () => processesOf(id).length === 0, 20_000);
  });

  it('never started where it was still connecting or waiting, and aborting again changes nothing', async () => {
    const { port } = silent.address() as AddressInfo;
    const names = ['silent-1', 'silent-2'];
    const user = plain.name;
    await addHosts(
      rig.client,
      names.map((name) => ({ name, address: '127.0.0.1', port, user, credential: 'plain' })),
    );
    const { id } = await start(rig.client, { module: 'stay.sleepers', selector: 'silent-*', parallel: 1 });
    await waitFor('it connects', async () => (await rig.client.call('runs.get', { runId: id })).counts.connecting);
    const { run, hosts } = await abort(id);
    expect(run).toMatchObject({ state: 'aborted', counts: { not_started: 2 } });
    expect(hosts.map(({ startedAt, exitCode }) => [startedAt, exitCode])).toEqual([
      [null, null],
      [null, null],
    ]);
    const { revision: _, ...same } = run;
    expect(await rig.client.call('runs.abort', { runId: id })).toMatchObject(same);
  });

  describe('while it copies a file', () => {
    const data = Buffer.alloc(5_000_000, 'new\n').toString('base64');

    /** Starts a copy, and holds the host's side still as soon as something of the file is in a folder. */
    async function startCopying(user: LabUser, folder: string, asked: { module: string; selector: string }) {
      const to = `${user.home}/app.conf`;
      writeFileSync(to, 'old\n');
      const { id } = await start(rig.client, { ...asked, params: { to }, files: { data: { name: 'a', data } } });
      await waitFor('a part of the file', () => partsOf(user, folder).length > 0, 10_000, 1);
      const pids = rig.sshd.sessionPids(user.name);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await rig.client.call('runs.abort', { runId: id });
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      const run = await finished(rig.client, id);
      return { to, run, message: (await hostsOf(rig.client, id))[0]?.message };
    }

    const partsOf = ({ uid }: LabUser, folder: string): string[] =>
      readdirSync(folder).filter(
        (name) =>
          /^(\.om-|om-files\.)/.test(name) && statSync(join(folder, name), { throwIfNoEntry: false })?.uid === uid,
      );

    it('leaves the old file as it was, and nothing else', async () => {
      const { to, run, message } = await startCopying(plain, plain.home, { module: 'put.file', selector: 'plain' });
      expect(run.counts).toMatchObject({ aborted: 1 });
      expect(message).toBe('Aborted; nothing was run on the server.');
      expect(readFileSync(to, 'utf8')).toBe('old\n');
      expect(partsOf(plain, plain.home)).toEqual([]);
    });

    it('leaves nothing where it was on its way to another user either', async () => {
      const { to, run, message } = await startCopying(sudoer, '/tmp', { module: 'put.file.root', selector: 'sudo' });
      expect(run.counts).toMatchObject({ aborted: 1 });
      expect(message).toBe('Aborted; nothing was run on the server.');
      expect(readFileSync(to, 'utf8')).toBe('old\n');
      expect(partsOf(sudoer, '/tmp')).toEqual([]);
    });
  });
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
