import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { HostRun } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow } from '../lab/processes.ts';
import type { LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import { finished, hostsOf, type ModuleFile, outputOf, type Rig, start, startRig } from './rig.ts';

const total = 100;
const graceMs = 1000;
/** From the abort to the last process, on a machine that has nothing else to do: all hundred hosts are this one. */
const goneWithinMs = 3000;
const busyness = () => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** Everywhere background children; on some hosts they, or the body itself, ignore TERM; on some a child leaves the group. */
const shell = `
sleep 600 &
sh -c 'sleep 600; sleep 600' &
(sleep 600; echo never) &
case $OM_HOST in
  *[27]) sh -c 'trap "" TERM; while :; do sleep 600; done' & ;;
  *[05]) trap '' TERM; sh -c 'while :; do sleep 600; done' & ;;
  *9) setsid sh -c 'echo "$$"; exec sleep 600' & ;;
esac
: >"$folder/$OM_HOST"
sleep 600
sleep 600
`;
const params = { folder: { type: 'string' } };
const modules: ModuleFile[] = [
  { id: 'stay.login', risk: 'change', params, shell },
  { id: 'stay.root', risk: 'change', params, shell, runAs: 'root' },
];
const leavesGroup = (name: string) => name.endsWith('9');

describe.skipIf(!has('sshd', 'useradd', 'sudo'))(`an abort on ${total} hosts`, () => {
  let rig: Rig;
  let silent: LabUser;
  let workspace: Workspace;
  const left: number[] = [];

  beforeAll(async () => {
    workspace = createWorkspace('abort', 0o777);
    rig = await startRig({ hosts: total, user: { sudo: 'nopasswd' }, modules });
    silent = await rig.addUser('silent', { sudo: 'nopasswd' });
  });
  afterAll(async () => {
    for (const pid of left) killNow(pid);
    await rig?.stop();
    workspace?.remove();
  });

  /** Starts a module and waits until every body has done all but wait. */
  async function startStaying(module: string, selector: string, hosts: number): Promise<string> {
    const folder = join(workspace.dir, `${module}.${selector.replaceAll(/\W/g, '')}`);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const { id } = await start(rig.client, { module, selector, parallel: hosts, params: { folder } });
    await waitFor('every body waits', () => readdirSync(folder).length === hosts, 60_000);
    return id;
  }

  async function abort(runId: string): Promise<{ hosts: HostRun[]; survivorsOf(host: HostRun): Promise<number[]> }> {
    await rig.client.call('runs.abort', { runId, graceMs });
    await finished(rig.client, runId);
    const hosts = await hostsOf(rig.client, runId);
    return {
      hosts,
      survivorsOf: async ({ ordinal }) => [Number((await outputOf(rig.client, runId, ordinal)).toString())],
    };
  }

  it.each(['login', 'root'])(
    'as %s ends every process of the group, and tells of each that has left it',
    async (who) => {
      const limitMs = goneWithinMs * busyness();
      const id = await startStaying(`stay.${who}`, 'h-*', total);
      expect(processesOf(id).length).toBeGreaterThan(5 * total);
      const began = performance.now();
      const ending = abort(id);
      const obeyed = () => processesOf(id).length <= total / 10;
      // A look reads the environment of every process of this machine, which is also all of the hosts.
      await waitFor('none is left but those that left their group', obeyed, 30_000, 200);
      const tookMs = performance.now() - began;
      console.log(
        `${total} hosts as ${who}: all gone ${tookMs.toFixed(0)} ms after the abort (allowed ${limitMs.toFixed(0)})`,
      );
      const { hosts, survivorsOf } = await ending;
      expect(hosts).toHaveLength(total);
      const survivors: number[] = [];
      for (const host of hosts) {
        expect(host.state).toBe('aborted');
        if (!leavesGroup(host.name)) {
          expect(host).toMatchObject({ survivors: [], message: 'Aborted; nothing of it is left on the server.' });
          continue;
        }
        const [pid] = await survivorsOf(host);
        expect(host).toMatchObject({ survivors: [pid], message: `Aborted; still running: pid ${pid}.` });
        survivors.push(...host.survivors);
      }
      left.push(...survivors);
      expect(processesOf(id).sort()).toEqual(survivors.sort());
      expect(tookMs).toBeLessThan(limitMs);

      // Told to, the hosts end those as well.
      const ordinals = hosts.flatMap(({ name, ordinal }) => (leavesGroup(name) ? [ordinal] : []));
      await rig.client.call('runs.kill', { runId: id, hosts: ordinals });
      await waitFor('no survivor is left', () => processesOf(id).length === 0, 30_000);
      await waitFor(
        'the run says so',
        async () => (await hostsOf(rig.client, id)).every((host) => host.survivors.length === 0),
        30_000,
      );
    },
    180_000,
  );

  it.each(['login', 'root'])(
    'as %s says so where it cannot verify it, and the host does it all the same',
    async (who) => {
      const id = await startStaying(`stay.${who}`, 'silent', 1);
      const pids = rig.sshd.sessionPids(silent.name);
      expect(pids).not.toEqual([]);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        const { hosts } = await abort(id);
        expect(hosts).toMatchObject([
          {
            state: 'lost',
            message: 'Aborted, but the connection died: could not verify that it has ended on the server.',
          },
        ]);
        expect(processesOf(id)).not.toEqual([]);
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      await waitFor('it has ended', () => processesOf(id).length === 0);
      await waitFor('the run knows', async () => (await hostsOf(rig.client, id))[0]?.state !== 'lost', 30_000);
    },
    60_000,
  );
});

/** Processes that began in the run's bodies: they carry its id. Zombies have no environment. */
function processesOf(runId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(runId))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
