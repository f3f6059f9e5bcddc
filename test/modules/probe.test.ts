import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseProbe, probeScript, renderShell } from '@omanager/task-module';
import { afterAll, describe, expect, it } from 'vitest';
import { makeBusyboxUserland } from './builtinHost.ts';
import { because, interpretingShells, isAlive, type LocalOptions, runLocally, tempFolder, until } from './localHost.ts';

const plain = (source: string) => renderShell({ source, params: {}, env: {} });
type Home = { path: string };
const folder = (home: Home) => join(home.path, '.omanager/run');

async function ask(home: Home, options: { killAfterMs?: number } = {}, host: LocalOptions = {}) {
  const { stdoutBytes, stderr } = await runLocally(probeScript('r', options), {
    ...host,
    home: home.path,
  });
  expect(stderr).toBe('');
  return parseProbe(stdoutBytes);
}

/** Starts a body that is left alone on its host; resolves once it has said so many lines. */
async function lose(home: Home, source: string, lines: number, options: LocalOptions = {}) {
  let out = '';
  const said = Promise.withResolvers<number>();
  const over = runLocally(plain(source), {
    ...{ home: home.path, record: 'r', keepTail: true },
    ...options,
    onStdout(text, host) {
      out += text;
      if (out.split('\n').length <= lines) return;
      host.cut();
      said.resolve(host.pid);
    },
  });
  const pid = await said.promise;
  return { pid, pids: out.split('\n').slice(0, -1).map(Number), over };
}

const programs = tempFolder();
afterAll(() => programs[Symbol.dispose]());
const busybox = makeBusyboxUserland(programs.path);
const hosts: { name: string; missing: boolean; options: LocalOptions }[] = [
  // The engine asks with sh, which zsh is nowhere.
  ...interpretingShells.flatMap(({ shell, missing }) =>
    shell === 'zsh' ? [] : [{ name: shell, missing, options: { shell } }],
  ),
  {
    name: 'busybox alone',
    missing: busybox === undefined,
    options: { shell: 'busybox sh', login: busybox ? `${busybox}/sh` : 'sh', env: { PATH: busybox ?? '' } },
  },
];

for (const { name, missing, options: host } of hosts) {
  describe(because(`asking under ${name}`, missing), { concurrent: true, skip: missing }, () => {
    it('what finished, gives its exit code and the end of its output, and does so again', async () => {
      using home = tempFolder();
      await runLocally(plain('printf "a\\377\\nom-probe running 1\\n"; exit 3'), {
        ...{ home: home.path, record: 'r', keepTail: true },
      });
      const told = {
        state: 'finished',
        exitCode: 3,
        left: [],
        tail: Buffer.from('a\xff\nom-probe running 1\n', 'latin1'),
      };
      expect(await ask(home, {}, host)).toEqual(told);
      expect(readdirSync(folder(home)).sort()).toEqual(['r.got', 'r.got.tail']);
      expect(await ask(home, {}, host)).toEqual(told);
    });

    it('what runs, gives its pid, and ends it with all its children when told', async () => {
      using home = tempFolder();
      const body =
        'sleep 300 & echo $!; (trap "" TERM; exec sleep 300) & echo $!; setsid sh -c "echo \\$\\$; exec sleep 300" & sleep 300';
      const { pid, pids, over } = await lose(home, body, 3);
      expect(await ask(home, {}, host)).toEqual({ state: 'running', pid, left: [] });
      expect(pids.map(isAlive)).toEqual([true, true, true]);
      const answer = await ask(home, { killAfterMs: 1000 }, host);
      expect(answer).toMatchObject({ state: 'finished', left: [] });
      expect([137, 143]).toContain(answer?.state === 'finished' ? answer.exitCode : undefined);
      await until(() => !pids.some(isAlive), 'all are gone', 1000);
      await over;
    });

    it('what was killed from outside, tells who is left of it, and ends those when told', async () => {
      using home = tempFolder();
      const { pid, pids, over } = await lose(home, "setsid sh -c 'echo $$; exec sleep 300' & sleep 300", 1);
      process.kill(-pid, 'SIGKILL');
      await over;
      expect(await ask(home, {}, host)).toEqual({ state: 'unknown', reason: 'gone', left: pids });
      expect(await ask(home, { killAfterMs: 1000 }, host)).toEqual({ state: 'unknown', reason: 'gone', left: [] });
      await until(() => !pids.some(isAlive), 'it is gone', 1000);
    });

    it('for what it does not know, says so', async () => {
      using home = tempFolder();
      expect(await ask(home, {}, host)).toEqual({ state: 'unknown', reason: 'no_record', left: [] });
      await runLocally(plain('kill -KILL 0; sleep 5'), { home: home.path, record: 'r' });
      const file = join(folder(home), 'r');
      const record = readFileSync(file, 'utf8');
      writeFileSync(file, record.replace(/^\S+/, '00000000-0000-4000-8000-000000000000'));
      expect(await ask(home, {}, host)).toEqual({ state: 'unknown', reason: 'rebooted', left: [] });
    });
  });
}

describe.concurrent('a record', () => {
  it('of a process whose pid was given to another is never taken for it, nor signalled', async () => {
    using home = tempFolder();
    const { pid, over } = await lose(home, 'echo started; sleep 300', 1);
    const file = join(folder(home), 'r');
    const [boot, , start, group] = readFileSync(file, 'utf8').trim().split(' ');
    writeFileSync(file, `${boot} ${pid} ${Number(start) - 1} ${group} omm00000000000000000000000000000000\n`);
    expect(await ask(home, { killAfterMs: 100 })).toEqual({ state: 'unknown', reason: 'gone', left: [] });
    expect(isAlive(pid)).toBe(true);
    process.kill(-pid, 'SIGKILL');
    await over;
  });

  it('that says nonsense is not obeyed', async () => {
    using home = tempFolder();
    await runLocally(plain('true'), { home: home.path, record: 'r' });
    const file = join(folder(home), 'r');
    for (const record of ['', 'x', '$(touch pwned) a b c d', 'boot -1 1 1 m', 'boot 1 `id` 1 m']) {
      writeFileSync(file, `${record}\n`);
      expect(await ask(home, { killAfterMs: 100 }), record).toMatchObject({ state: 'unknown', left: [] });
    }
    expect(existsSync(join(home.path, 'pwned'))).toBe(false);
  });

  it('of a daemon that a script has left on purpose is not held against it', async () => {
    using home = tempFolder();
    const { stdout } = await runLocally(plain('setsid sleep 300 >/dev/null 2>&1 & echo $!; exit 0'), {
      ...{ home: home.path, record: 'r', keepTail: true },
    });
    expect(await ask(home)).toMatchObject({ state: 'finished', exitCode: 0, left: [] });
    expect(isAlive(Number(stdout))).toBe(true);
    expect(await ask(home, { killAfterMs: 1000 })).toMatchObject({ state: 'finished', exitCode: 0, left: [] });
    await until(() => !isAlive(Number(stdout)), 'it is gone', 1000);
  });
});
