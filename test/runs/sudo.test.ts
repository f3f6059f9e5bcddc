import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { watchProcesses } from '../lab/processWatch.ts';
import type { LabUser } from '../lab/users.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import { outputOf, type Rig, type RigUserOptions, runOn, startRig } from './rig.ts';

const asked = 'sudo asks for a password and the credential has none: add one, or allow NOPASSWD';
const wrong = 'sudo did not accept the password of the credential';

/** How sudo is set up for each host, and what a run as root must say there. */
const hosts: Record<string, RigUserOptions & { fails?: string | RegExp }> = {
  nopasswd: { sudo: 'nopasswd' },
  'nopasswd-given': { sudo: 'nopasswd', sudoPassword: 'right' },
  'nopasswd-pty': { sudo: 'nopasswd', sudoOptions: 'use_pty' },
  right: { sudo: 'password', sudoPassword: 'right' },
  'right-pty': { sudo: 'password', sudoOptions: 'use_pty', sudoPassword: 'right' },
  'right-fish': { sudo: 'password', sudoPassword: 'right', shell: '/usr/bin/fish' },
  wrong: { sudo: 'password', sudoPassword: 'wrong', fails: wrong },
  'wrong-pty': { sudo: 'password', sudoOptions: 'use_pty', sudoPassword: 'wrong', fails: wrong },
  'wrong-once': { sudo: 'password', sudoOptions: 'passwd_tries=1', sudoPassword: 'wrong', fails: wrong },
  missing: { sudo: 'password', fails: asked },
  cached: { sudo: 'password', sudoOptions: 'timestamp_type=global', fails: asked },
  'cached-given': { sudo: 'password', sudoOptions: 'timestamp_type=global', sudoPassword: 'right' },
  'cached-wrong': { sudo: 'password', sudoOptions: 'timestamp_type=global', sudoPassword: 'wrong', fails: wrong },
  requiretty: {
    sudo: 'password',
    sudoOptions: 'requiretty',
    sudoPassword: 'right',
    fails: 'sudo on this host requires a terminal: remove requiretty for this user',
  },
  nobody: { sudo: 'none', sudoPassword: 'right', fails: /^sudo refused to run the module: .*not in the sudoers file/ },
};

describe.skipIf(!has('sshd', 'useradd', 'sudo', 'fish'))('running as root through sudo', () => {
  let rig: Rig;
  let workspace: Workspace;
  const users = new Map<string, LabUser>();

  beforeAll(async () => {
    workspace = createWorkspace('sudo', 0o711);
    const shell = 'id -un; echo "$OM_HOST" >>"$journal"; sleep 0.3; grep -c . <&0';
    const module = { id: 'who.am.i', runAs: 'root', params: { journal: { type: 'string' } }, shell };
    rig = await startRig({ hosts: 1, modules: [module] });
    await rig.client.call('hosts.remove', { names: ['h-001'] });
    for (const [name, options] of Object.entries(hosts)) users.set(name, await rig.addUser(name, options));
    for (const [name, { name: user, password }] of users) {
      if (!name.startsWith('cached')) continue;
      const sudo = ['-u', user, '--', 'sudo', '-S', '-p', ''];
      execFileSync('sudo', [...sudo, '-v'], { input: `${password}\n` });
      // There is a ticket, and it would do.
      expect(execFileSync('sudo', ['-u', user, '--', 'sudo', '-n', 'id', '-u']).toString()).toBe('0\n');
    }
  });
  afterAll(async () => {
    workspace?.remove();
    await rig?.stop();
  });

  it('gives each host the right end and a clear message, and nobody the password', async () => {
    const journal = `${workspace.dir}/journal`;
    const watch = await watchProcesses();
    const { run, hosts: ended } = await runOn(rig.client, { module: 'who.am.i', selector: '*', params: { journal } });
    const { commands, environments } = await watch.stop();

    const shown = [...commands, ...environments];
    expect(commands.filter((command) => command.startsWith('sudo\0-k\0-S')).length).toBeGreaterThan(0);
    const secrets = [...users.values()].map(({ password }) => password);
    expect(shown.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);

    expect(ended).toHaveLength(users.size);
    for (const { name, ordinal, state, message, exitCode } of ended) {
      const fails = hosts[name]?.fails;
      const stdout = (await outputOf(rig.client, run.id, ordinal)).toString();
      const stderr = (await outputOf(rig.client, run.id, ordinal, 'stderr')).toString();
      if (fails === undefined) {
        // grep found nothing on its standard input, which it says with exit code 1.
        expect({ name, state, message, exitCode, stdout, stderr }).toEqual({
          name,
          state: 'failed',
          message: null,
          exitCode: 1,
          stdout: 'root\n0\n',
          stderr: '',
        });
      } else {
        expect({ name, state, exitCode, stdout, stderr }).toEqual({
          name,
          state: 'failed',
          exitCode: null,
          stdout: '',
          stderr: '',
        });
        expect(message, name).toEqual(typeof fails === 'string' ? fails : expect.stringMatching(fails));
      }
      for (const secret of secrets) expect(JSON.stringify({ message, stdout, stderr })).not.toContain(secret);
    }
    const ran = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1).sort() : [];
    expect(ran).toEqual(
      Object.keys(hosts)
        .filter((name) => hosts[name]?.fails === undefined)
        .sort(),
    );
  });

  it('leaves no ticket behind that another process of the user could use', () => {
    const { name } = users.get('right') ?? { name: '' };
    expect(() => execFileSync('sudo', ['-u', name, '--', 'sudo', '-n', 'true'], { stdio: 'ignore' })).toThrow();
  });
});
