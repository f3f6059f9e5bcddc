import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest, type Shell, validateParams } from '@omanager/task-module';
import { describe, expect, it } from 'vitest';
import { builtin, isRoot, makeFakes, nobody, runBuiltin } from './builtinHost.ts';
import { because, interpretingShells, isInstalled, type LocalOptions, tempFolder, until } from './localHost.ts';

/**
 * Modules that restart, upgrade and reboot, against fakes only: the PATH holds nothing else, and they run without rights.
 */
async function act(
  id: string,
  params: Record<string, unknown>,
  fakes: Record<string, string>,
  options: LocalOptions = {},
) {
  using folder = tempFolder();
  const { path, calls } = makeFakes(folder.path, fakes);
  const { stdout, stderr, exitCode } = await runBuiltin(id, params, {
    ...nobody,
    ...options,
    env: { PATH: path, ...options.env },
  });
  return { stdout, stderr, exitCode, calls: calls() };
}

/** One test for each shell that reads plain POSIX sh on the usual distributions. */
function each(name: string, test: (shell: Shell) => Promise<void>): void {
  for (const { shell, missing } of interpretingShells) {
    if (shell === 'ksh' || shell === 'zsh') continue;
    it.skipIf(missing)(because(`${name} under ${shell}`, missing), () => test(shell));
  }
}

describe('service.restart', () => {
  each('with OpenRC', async (shell) => {
    const done = await act('service.restart', { service: 'nginx' }, { 'rc-service': 'echo ok' }, { shell });
    expect(done.calls).toEqual(['rc-service nginx restart', 'rc-service nginx status']);
    expect(done.exitCode).toBe(0);
  });

  it('with the service command, and fails where the service is down afterwards', async () => {
    const done = await act('service.restart', { service: 'cron' }, { service: '[ "$2" = restart ] || exit 3' });
    expect(done.calls).toEqual(['service cron restart', 'service cron status']);
    expect(done.exitCode).toBe(3);
  });

  it('does not ask for the status of what it could not restart', async () => {
    const done = await act('service.restart', { service: 'cron' }, { service: 'echo "no such service" >&2; exit 5' });
    expect(done).toMatchObject({ exitCode: 5, calls: ['service cron restart'], stderr: 'no such service\n' });
  });

  it('says where there is no service manager', async () => {
    const done = await act('service.restart', { service: 'no-such-service' }, {});
    expect(done.exitCode).toBe(1);
    expect(done.stderr).toContain('no service manager');
  });

  const noNamespace = !isRoot || !isInstalled('unshare');
  it.skipIf(noNamespace)(because('with systemd (needs root for private mounts)', noNamespace), async () => {
    using own = tempFolder();
    const setup = join(own.path, 'setup');
    writeFileSync(
      setup,
      'mount -t tmpfs none /run && mkdir -p /run/systemd/system || exit 99\nPATH=$FAKE exec sh "$@"\n',
    );
    const { path, calls } = makeFakes(own.path, { systemctl: 'echo active' });
    const run = (id: string) =>
      runBuiltin(id, { service: 'nginx@1' }, { login: `unshare -m sh ${setup}`, env: { FAKE: path } });
    expect(await run('service.restart')).toMatchObject({ exitCode: 0, stdout: 'active\nactive\n' });
    expect(await run('service.status')).toMatchObject({ exitCode: 0 });
    expect(calls()).toEqual([
      'systemctl restart nginx@1',
      'systemctl is-active nginx@1',
      'systemctl status --no-pager --lines=10 nginx@1',
    ]);
  });
});

describe('package.upgrade', () => {
  const dpkg = { 'dpkg-query': 'echo installed', 'apt-get': 'echo "frontend $DEBIAN_FRONTEND"' };

  each('with apt', async (shell) => {
    const done = await act('package.upgrade', { package: 'libc6:amd64' }, dpkg, { shell });
    expect(done.calls.slice(1)).toEqual([
      'apt-get -q update',
      'apt-get -q -y -o Dpkg::Options::=--force-confold install --only-upgrade libc6:amd64',
    ]);
    expect(done.stdout).toContain('frontend noninteractive');
    expect(done.exitCode).toBe(0);
  });

  it('stops where the lists cannot be refreshed', async () => {
    const done = await act('package.upgrade', { package: 'x' }, { ...dpkg, 'apt-get': 'exit 100' });
    expect(done.exitCode).toBe(100);
    expect(done.calls).toHaveLength(2);
  });

  it('installs nothing that was not there', async () => {
    const done = await act('package.upgrade', { package: 'x' }, { ...dpkg, 'dpkg-query': 'echo not-installed' });
    expect(done).toMatchObject({ exitCode: 1, stderr: 'x is not installed, so there is nothing to upgrade\n' });
    expect(done.calls).toHaveLength(1);
  });

  it.each([
    ['dnf', { rpm: '', dnf: '' }, ['dnf -q -y makecache', 'dnf -y upgrade x']],
    ['yum', { rpm: '', yum: '' }, ['yum -q -y makecache', 'yum -y upgrade x']],
    ['zypper', { rpm: '', zypper: '' }, ['zypper --non-interactive refresh', 'zypper --non-interactive update x']],
    ['apk', { apk: '' }, ['apk update', 'apk add --upgrade x']],
    ['opkg', { opkg: '' }, ['opkg update', 'opkg upgrade x']],
  ])('with %s', async (manager, fakes, expected) => {
    const done = await act('package.upgrade', { package: 'x' }, fakes);
    expect(done.calls.filter((call) => call.startsWith(manager) && !call.includes('info'))).toEqual(expected);
    expect(done.exitCode).toBe(0);
  });

  it('takes no option for a package', () => {
    for (const id of ['package.upgrade', 'package.version']) {
      for (const name of ['--help', '-y', 'a b', 'a;b', '$(id)', '']) {
        const manifest = builtin.get(id);
        if (!manifest) throw new Error(`there is no ${id}`);
        expect(validateParams(manifest, { package: name }).problems).not.toEqual([]);
      }
    }
  });
});

describe('package.version', () => {
  it('with dpkg: what is installed, and only that', async () => {
    const fakes = { 'dpkg-query': 'echo "installed bash 5.2"; echo "config-files bash-doc 5.1"' };
    expect(await act('package.version', { package: 'bash' }, fakes)).toMatchObject({
      exitCode: 0,
      stdout: 'bash 5.2\n',
    });
    const none = { 'dpkg-query': 'echo "no packages found" >&2; exit 1' };
    expect(await act('package.version', { package: 'x' }, none)).toMatchObject({
      exitCode: 1,
      stderr: 'x is not installed\n',
    });
  });

  it('with apk', async () => {
    const fakes = { apk: 'echo "bash-5.2 x86_64 {bash} (GPL) [installed]"' };
    expect(await act('package.version', { package: 'bash' }, fakes)).toMatchObject({
      exitCode: 0,
      stdout: 'bash-5.2\n',
    });
  });
});

describe('system.reboot', () => {
  each('asks shutdown for it', async (shell) => {
    const done = await act('system.reboot', { minutes: 3 }, { shutdown: '' }, { shell });
    expect(done).toMatchObject({
      exitCode: 0,
      stdout: 'reboots in 3 min\n',
      calls: ['shutdown -r +3 reboot by OManager'],
    });
  });

  it('waits by itself where there is no shutdown, out of the reach of this run', async () => {
    using folder = tempFolder();
    const { path, calls } = makeFakes(folder.path, { reboot: '', sleep: '', setsid: 'exec "$@"' });
    const { stdout, exitCode } = await runBuiltin('system.reboot', { minutes: 2 }, { ...nobody, env: { PATH: path } });
    expect({ stdout, exitCode }).toEqual({ stdout: 'reboots in 2 min\n', exitCode: 0 });
    await until(() => calls().length === 3, 'the fake reboot was called');
    expect(calls()).toEqual(['setsid sh -c sleep "$1"; reboot reboot 120', 'sleep 120', 'reboot']);
  });

  it('says where it cannot', async () => {
    const done = await act('system.reboot', {}, {});
    expect(done).toMatchObject({ exitCode: 1, stdout: '' });
  });
});

describe('the modules that ship', () => {
  it('are the original seven and those that operators expect besides', () => {
    const legacy = [...builtin.values()].flatMap(({ legacyId, id }) => (legacyId ? [`${legacyId} ${id}`] : [])).sort();
    expect(legacy).toEqual([
      '1001 system.logs',
      '1002 system.logins',
      '1003 system.version',
      '1004 system.kernel-modules',
      '1005 file.sync',
      '1006 file.view-config',
      '1007 service.restart',
    ]);
    expect(builtin.size).toBe(26);
  });

  it('have titles in both languages, for their params too', () => {
    const chinese = /\p{Script=Han}/u;
    for (const { id, title, params } of builtin.values()) {
      expect(title.zh, id).toMatch(chinese);
      expect(title.en, id).not.toMatch(chinese);
      for (const [name, param] of Object.entries(params.properties)) {
        expect(param.title, `${id} ${name}`).toEqual({ en: expect.any(String), zh: expect.stringMatching(chinese) });
      }
    }
  });

  it('are destructive where anything may be run, and never so by forgetting', () => {
    for (const { id, risk } of builtin.values()) expect(risk === 'destructive', id).toBe(id.startsWith('adhoc.'));
  });

  it('the shortest module of the manual is right', () => {
    expect('manifest' in parseManifest('id: demo.hello\ntitle: Say hello\nrisk: read\nshell: echo hello\n', 'x')).toBe(
      true,
    );
  });
});
