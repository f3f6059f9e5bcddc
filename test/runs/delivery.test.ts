import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { reservedNames } from '@omanager/task-module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow } from '../lab/processes.ts';
import { omserver } from '../lab/server.ts';
import type { LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { finished, hostsOf, type ModuleFile, moduleFolder, type Rig, start, startRig } from './rig.ts';

/** Leaves a line when it begins and one when it is through; with its param it is a script of 450 kB. */
const journal: ModuleFile = {
  id: 'journal.write',
  params: { note: { type: 'string' }, text: { type: 'string', format: 'textarea' } },
  shell: `echo "begin $note" >>"$HOME/journal"\n${': nothing, at some length\n'.repeat(5000)}echo "end $note" >>"$HOME/journal"\n`,
};
const text = 'a long value\n'.repeat(25_000);
const reserved = [...reservedNames].map(
  (name): ModuleFile => ({
    id: `reserved.n${Buffer.from(name).toString('hex')}`,
    params: { [name]: { type: 'string' } },
    shell: 'true',
  }),
);

/** A login shell that reads nothing of what arrives until it is told to. */
const lazyShell = `#!/bin/sh
cd && : >waiting
while [ ! -e go ]; do sleep 0.05; done
exec /bin/sh "$@"
`;

describe.skipIf(!has('sshd', 'useradd'))('a script', () => {
  let rig: Rig;
  let lazy: LabUser;

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, modules: [journal, ...reserved] });
    const workspace = createWorkspace('shell', 0o755);
    const shell = `${workspace.dir}/lazy`;
    writeFileSync(shell, lazyShell, { mode: 0o755 });
    lazy = await rig.addUser('lazy', { shell });
    return () => workspace.remove();
  });
  afterAll(() => rig?.stop());

  it('has no param with a name that means something to a shell', async () => {
    expect(reserved.length).toBeGreaterThan(200);
    const problems = rig.server.logs();
    const workspace = createWorkspace('reserved');
    const folder = moduleFolder(workspace.dir, reserved);
    const { code, stdout } = await omserver(['modules', 'validate', folder], {});
    expect(code).not.toBe(0);
    for (const name of reservedNames) {
      const said = stdout.split('\n').find((line) => line.includes(`n${Buffer.from(name).toString('hex')}.yaml`));
      expect(said, name).toMatch(/:\d+:\d+: .*(cannot be|not a name)/);
      expect(problems, name).toContain(`n${Buffer.from(name).toString('hex')}.yaml`);
    }
    const { items } = await rig.client.call('modules.list', {});
    expect(items.filter(({ id }) => id.startsWith('reserved.'))).toEqual([]);
    workspace.remove();
  });

  it('that did not arrive whole is not run', async () => {
    const { id } = await start(rig.client, {
      module: 'journal.write',
      selector: 'lazy',
      params: { note: 'cut', text },
    });
    await waitFor('the login shell is there', () => existsSync(`${lazy.home}/waiting`));
    for (const pid of rig.sshd.sessionPids(lazy.name)) killNow(pid);
    const { counts } = await finished(rig.client, id);
    expect(counts).toMatchObject({ lost: 1 });
    letGo(lazy);
    await waitFor('the login shell is gone', () => lazy.processes().length === 0);
    expect(existsSync(`${lazy.home}/journal`)).toBe(false);
    expect((await hostsOf(rig.client, id))[0]?.message).toMatch(/not known/);
  });

  it('runs whole or not at all, whenever its connection is cut', async () => {
    const { user, client, sshd } = rig;
    for (let round = 0; round < 12; round++) {
      const note = `round-${round}`;
      const { id } = await start(client, { module: 'journal.write', selector: 'h-001', params: { note, text } });
      await waitFor('a session', () => sshd.sessionPids(user.name).length > 0 || null);
      await sleep(round * 4);
      for (const pid of sshd.sessionPids(user.name)) killNow(pid);
      const run = await finished(client, id);
      expect(run.counts.ok + run.counts.lost + run.counts.failed + run.counts.unreachable).toBe(1);
      let left: string[] = [];
      await waitFor('nothing of it runs', () => {
        // A connection cut before anything was sent on it is made anew, and stays for the next run.
        for (const pid of sshd.sessionPids(user.name)) killNow(pid);
        left = user.processes().map(({ pid, command }) => `${pid} ${command}`);
        return left.length === 0;
      }).catch((error: Error) => {
        throw new Error(`${error.message}, but ${left.join(', ')}`);
      });
      const said = journalOf(user).filter((line) => line.endsWith(` ${note}`));
      expect([[], [`begin ${note}`, `end ${note}`]]).toContainEqual(said);
      if (run.counts.ok === 1) expect(said).toHaveLength(2);
      if (run.counts.unreachable + run.counts.failed === 1) expect(said).toEqual([]);
    }
  });
});

function letGo(user: LabUser): void {
  writeFileSync(`${user.home}/go`, '');
  chownSync(`${user.home}/go`, user.uid, user.gid);
}

function journalOf(user: LabUser): string[] {
  const file = `${user.home}/journal`;
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
