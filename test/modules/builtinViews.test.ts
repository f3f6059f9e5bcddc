import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Shell } from '@omanager/task-module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRoot, makeBusyboxUserland, makeFakes, nobody, runBuiltin } from './builtinHost.ts';
import { because, interpretingShells, isInstalled, type LocalOptions, tempFolder } from './localHost.ts';

const folder = tempFolder();
afterAll(() => folder[Symbol.dispose]());
const busybox = makeBusyboxUserland(folder.path);

const userlands: { name: string; missing: boolean; options: LocalOptions }[] = [
  ...interpretingShells
    .filter(({ shell }) => shell !== 'ksh' && shell !== 'zsh')
    .map(({ shell, missing }) => ({ name: `${shell} on this machine`, missing, options: { shell } })),
  {
    name: 'busybox alone',
    missing: busybox === undefined,
    options: {
      shell: 'busybox sh' satisfies Shell,
      ...(busybox ? { env: { PATH: busybox }, login: join(busybox, 'sh') } : {}),
    },
  },
];

const server = createServer();
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address === 'object' && address) port = address.port;
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

for (const { name, missing, options } of userlands) {
  describe.skipIf(missing)(because(`modules that look, with ${name}`, missing), () => {
    const run = (id: string, params: Record<string, unknown> = {}) => runBuiltin(id, params, options);

    it('system.version says distribution and kernel', async () => {
      const { stdout, exitCode } = await run('system.version');
      expect(exitCode).toBe(0);
      expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(2);
      expect(stdout).toContain(release());
    });

    it.each([
      ['system.uptime', {}, /load average/],
      ['system.disk', {}, /^Filesystem.*\n(.*\n)*.* \/$/m],
      ['system.disk', { inodes: true }, /^Filesystem +Inodes/m],
      ['system.memory', {}, /^Mem/m],
      ['system.cron', {}, /^/],
      ['system.logins', { lines: 3 }, /^/],
      ['user.list', {}, /^root:0:0:.*\n(.*\n)*\ngroup:gid:members\n/m],
      ['user.list', { system_accounts: true }, /^daemon:|^bin:|^nobody:/m],
    ])('%s %j', async (id, params, expected) => {
      const { stdout, stderr, exitCode, failed } = await run(id, params);
      expect({ failed, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({
        failed: undefined,
        exitCode: 0,
        stderr: '',
      });
      expect(stdout).toMatch(expected);
    });

    it('user.list leaves system accounts out', async () => {
      expect((await run('user.list')).stdout).not.toMatch(/^daemon:/m);
    });

    it('system.ports shows a port that somebody listens on', async () => {
      const { stdout } = await run('system.ports');
      expect(stdout).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}\\b`));
    });

    it.each(['cpu', 'memory'])('system.processes by %s keeps to the number asked for', async (by) => {
      const { stdout, exitCode } = await run('system.processes', { sort_by: by, count: 3 });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/PID/);
      expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(7);
    });

    it('system.kernel-modules lists them, or says that there are none', async () => {
      const { stdout, stderr, exitCode } = await run('system.kernel-modules', { contains: 'surely-no-module' });
      expect(stdout).toBe('');
      if (exitCode !== 0) expect(stderr).toContain('no loadable modules');
    });

    it('file.view-config shows a file, its settings only, or why not', async () => {
      const file = join(folder.path, "it's a config.conf");
      writeFileSync(file, '# comment\n\nport = 80\n  ; old\nname = "中文"\n');
      const show = (params: Record<string, unknown>) => run('file.view-config', { file, ...params });
      expect((await show({})).stdout).toContain('# comment');
      expect((await show({ settings_only: true })).stdout).toBe('port = 80\nname = "中文"\n');
      expect(await show({ file: folder.path })).toMatchObject({
        exitCode: 1,
        stderr: `${folder.path} is not a file\n`,
      });
      expect(await show({ file: '/no/such' })).toMatchObject({ exitCode: 1, stderr: 'there is no /no/such\n' });
    });

    it('adhoc.command runs what it is given, with its exit code', async () => {
      const { stdout, exitCode } = await run('adhoc.command', { command: 'echo "a  b" | wc -c\nx=$(echo 3); exit $x' });
      expect(stdout.trim()).toBe('5');
      expect(exitCode).toBe(3);
    });

    it.each([
      ['sh', 'echo "$((1 + 1)) \\\\ $0" >&2\ncat\nexit 4'],
      ['bash', 'a=(1 2); [[ ${#a[@]} == 2 ]] && exit 4'],
      ['python3', 'import sys\nprint("x\\ty")\nsys.exit(4)'],
    ])('adhoc.script in %s', async (interpreter, script) => {
      const { exitCode, stderr } = await run('adhoc.script', { interpreter, script });
      if (exitCode === 127) expect(stderr).toBe(`${interpreter} is not installed on this server\n`);
      else expect(exitCode).toBe(4);
    });
  });
}

describe('modules that look, where something is missing', () => {
  it.each([
    ['system.ports', {}, 'neither ss nor netstat'],
    ['system.logins', {}, 'neither last nor wtmpdb'],
    ['package.version', { package: 'bash' }, 'no package manager'],
    ['service.status', { service: 'no-such-service' }, 'no service manager'],
  ])('%s says that it cannot', async (id, params, expected) => {
    using bare = tempFolder();
    const { path } = makeFakes(bare.path, {});
    const { stderr, stdout, exitCode } = await runBuiltin(id, params, { env: { PATH: path } });
    expect(stdout).toBe('');
    expect(stderr).toContain(expected);
    expect(exitCode).not.toBe(0);
  });

  it.skipIf(!isRoot)(
    because('file.view-config says that a user may not read it (needs root to become another)', false),
    async () => {
      using own = tempFolder();
      const file = join(own.path, 'secret.conf');
      writeFileSync(file, 'x', { mode: 0o600 });
      chmodSync(own.path, 0o755);
      const { stderr, exitCode } = await runBuiltin('file.view-config', { file }, nobody);
      expect(stderr).toContain('cannot be read by');
      expect(exitCode).toBe(1);
    },
  );
});

/** A private view of the machine's mounts; needs root and the right to make namespaces. */
const noNamespace = !isRoot || !isInstalled('unshare');

describe.skipIf(noNamespace)(because('the system log (needs root for private mounts)', noNamespace), () => {
  /** Runs the module with /var/log and /run replaced by empty folders that `prepare` has filled. */
  async function withLogs(prepare: string, params: Record<string, unknown>, fakes: Record<string, string> = {}) {
    using own = tempFolder();
    const setup = join(own.path, 'setup');
    writeFileSync(
      setup,
      `mount -t tmpfs none /var/log && mount -t tmpfs none /run || exit 99\n${prepare}\nPATH=$FAKE exec sh "$@"\n`,
    );
    const { path, calls } = makeFakes(own.path, fakes);
    mkdirSync(join(own.path, 'home'));
    const result = await runBuiltin('system.logs', params, { login: `unshare -m sh ${setup}`, env: { FAKE: path } });
    return { ...result, calls: calls() };
  }

  const write = (file: string) =>
    `i=0; while [ $i -lt 100 ]; do echo "line $i of $((i % 2))" ; i=$((i + 1)); done >${file}`;

  it('is taken from /var/log/messages', async () => {
    const { stdout, exitCode } = await withLogs(write('/var/log/messages'), { lines: 2 });
    expect({ stdout, exitCode }).toEqual({ stdout: 'line 98 of 0\nline 99 of 1\n', exitCode: 0 });
  });

  it('or /var/log/syslog, and filtered by plain text', async () => {
    const { stdout } = await withLogs(write('/var/log/syslog'), { lines: 2, contains: 'of 0' });
    expect(stdout).toBe('line 96 of 0\nline 98 of 0\n');
    expect((await withLogs(write('/var/log/syslog'), { contains: '.' })).stdout).toBe('');
  });

  it('or the journal', async () => {
    const journal = { journalctl: 'echo from the journal' };
    const { stdout, calls } = await withLogs('mkdir /var/log/journal', { lines: 7 }, journal);
    expect(stdout).toBe('from the journal\n');
    expect(calls).toEqual(['journalctl --no-pager -q -n 7']);
  });

  it('or logread', async () => {
    const { stdout } = await withLogs('', { lines: 1 }, { logread: 'echo one; echo two' });
    expect(stdout).toBe('two\n');
  });

  it('or is said to be missing', async () => {
    const { stderr, exitCode } = await withLogs('', {});
    expect(stderr).toContain('keeps no system log');
    expect(exitCode).toBe(1);
  });
});
