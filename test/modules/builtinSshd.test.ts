import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { outputOf, type Rig, runOn, startRig } from '../runs/rig.ts';
import { builtin } from './builtinHost.ts';

/**
 * Through the whole product, on a real sshd. What restarts, upgrades or reboots runs as root there, on this very machine: that is tested
 * against fakes only (builtinActions.test.ts).
 */
describe.skipIf(!has('sshd', 'useradd'))('the modules that ship, on a real sshd', () => {
  let rig: Rig;
  const server = createServer();

  beforeAll(async () => {
    rig = await startRig({ hosts: 1 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.close();
    await rig?.stop();
  });

  async function run(module: string, params: Record<string, unknown> = {}, files: Record<string, string> = {}) {
    const contents = Object.entries(files).map(([name, text]) => [
      name,
      { name: 'app.conf', data: Buffer.from(text).toString('base64') },
    ]);
    const { run: ended, hosts } = await runOn(rig.client, {
      module,
      selector: '*',
      params,
      files: Object.fromEntries(contents),
    });
    const [host] = hosts;
    return {
      state: host?.state,
      exitCode: host?.exitCode,
      stdout: (await outputOf(rig.client, ended.id, 0)).toString(),
      stderr: (await outputOf(rig.client, ended.id, 0, 'stderr')).toString(),
    };
  }

  const own = (name: string, content: string): string => {
    const path = join(rig.user.home, name);
    writeFileSync(path, content);
    chownSync(path, rig.user.uid, rig.user.gid);
    return path;
  };

  it.each([
    ['1003', {}, new RegExp(release().replaceAll('.', '\\.'))],
    ['system.uptime', {}, /load average/],
    ['system.disk', {}, /^Filesystem/],
    ['system.memory', {}, /^Mem/m],
    ['system.processes', { count: 5 }, /PID/],
    ['1002', { lines: 2 }, /^/],
    ['user.list', {}, /^root:0:0/m],
    ['system.cron', {}, /^/],
    ['adhoc.command', { command: 'id -un; echo "$SSH_CONNECTION" | cut -d" " -f3' }, /^omlab.*\n127\./],
    ['adhoc.script', { script: 'echo "$0" | wc -l\nexit 0' }, /^1\n/],
  ])('%s', async (module, params, expected) => {
    const done = await run(module, params);
    expect(done).toMatchObject({ state: 'ok', exitCode: 0 });
    expect(done.stdout).toMatch(expected);
  });

  it('system.ports', async () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const done = await run('system.ports');
    if (done.exitCode === 0) expect(done.stdout).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}\\b`));
    else expect(done.stderr).toContain('neither ss nor netstat');
  });

  it('1001 shows the log, or says why it cannot', async () => {
    const done = await run('1001', { lines: 3 });
    if (done.state === 'ok') expect(done.stdout.split('\n').length).toBeLessThanOrEqual(4);
    else expect(done.stderr).toMatch(/run as root|keeps no system log/);
  });

  it('1004 lists kernel modules, or says that there are none', async () => {
    const done = await run('1004');
    if (done.state !== 'ok') expect(done.stderr).toContain('no loadable modules');
  });

  it('1005 puts a file in place and keeps the old one; 1006 and file.fetch show it', async () => {
    const target = own('app.conf', 'old\n');
    const synced = await run('1005', { target }, { file: '# new\nport = 80\n' });
    expect(synced).toMatchObject({ state: 'ok', stdout: expect.stringContaining('backup ') });
    expect(readFileSync(target, 'utf8')).toBe('# new\nport = 80\n');
    const backup = /^backup (.*)$/m.exec(synced.stdout)?.[1] ?? '';
    expect(readFileSync(backup.startsWith('/') ? backup : join(rig.user.home, backup), 'utf8')).toBe('old\n');
    expect(await run('1006', { file: target, settings_only: true })).toMatchObject({ stdout: 'port = 80\n' });
    expect(await run('file.fetch', { file: target })).toMatchObject({ state: 'ok', stdout: '# new\nport = 80\n' });
    expect(await run('1006', { file: '/no/such' })).toMatchObject({ state: 'failed', exitCode: 1 });
    expect(await run('file.fetch', { file: '/no/such' })).toMatchObject({ state: 'failed' });
  });

  it('package.version and service.status answer by their exit code', async () => {
    const none = await run('package.version', { package: 'surely-not-installed' });
    expect(none.state).toBe('failed');
    expect(none.stderr).toMatch(/is not installed|no package manager/);
    expect((await run('service.status', { service: 'surely-no-service' })).state).toBe('failed');
  });

  it('takes no path that climbs, for a copy or a fetch', async () => {
    await expect(run('file.fetch', { file: '/etc/../etc/passwd' })).rejects.toThrow(/absolute path/);
    await expect(run('1005', { target: '/tmp/../etc/x' }, { file: 'x' })).rejects.toThrow(/absolute path/);
  });

  it('has tested all that it may', () => {
    const asRoot = [...builtin.values()].filter(({ runAs }) => runAs !== 'login').map(({ id }) => id);
    // Those of the audit have tests of their own, in test/audit.
    const audit = ['audit.install', 'audit.remove', 'audit.status'];
    expect(asRoot.sort()).toEqual([...audit, 'package.upgrade', 'service.restart', 'system.reboot']);
  });
});
