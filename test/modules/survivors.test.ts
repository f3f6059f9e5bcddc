import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSurvivors, renderShell, survivorsScript, type Traces } from '@omanager/task-module';
import { describe, expect, it } from 'vitest';
import { isRoot, makeFakes } from './builtinHost.ts';
import { because, interpretingShells, isAlive, type LocalOptions, runLocally, tempFolder, until } from './localHost.ts';

const plain = (source: string) => renderShell({ source, params: {}, env: {} });
const nobody = 65_534;

/** Programs before all others that log how they were called, and are otherwise themselves once they have done `first`. */
function spied(folder: string, first: Record<string, string>) {
  const fakes = Object.entries(first).map(([name, begin]) => {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    return [name, `${begin}\nexec ${real} "$@"`];
  });
  const { path, calls } = makeFakes(folder, Object.fromEntries(fakes));
  return { env: { PATH: `${path}:${process.env.PATH}` }, calls };
}

async function survivorsOf(traces: Traces, options: LocalOptions = {}) {
  return parseSurvivors((await runLocally(survivorsScript(traces), options)).stdout);
}

for (const { shell, missing } of interpretingShells) {
  describe(because(`what ${shell} finds of an execution`, missing), { concurrent: true, skip: missing }, () => {
    // The second kind has no grep that reads NUL-separated files, as some of busybox.
    for (const grep of ['its own grep', 'a grep without -z'])
      it(`is a child that left its group, and a part of the shell itself, by ${grep}`, async () => {
        using folder = tempFolder();
        const { env } = spied(folder.path, { grep: grep === 'its own grep' ? '' : 'case $1 in *z*) exit 2;; esac' });
        // It is always sh that looks; zsh is that nowhere.
        const options = { env, ...(shell === 'zsh' ? {} : { shell }) };
        const body = await runLocally(
          plain(`
mkfifo ${folder.path}/waits
setsid sleep 300 >/dev/null 2>&1 &
echo $!
(read -r line <${folder.path}/waits) >/dev/null 2>&1 &
echo $!`),
          { shell },
        );
        const pids = body.stdout.trim().split('\n').map(Number);
        expect(pids).toHaveLength(2);
        const byPid = (a: number, b: number) => a - b;
        const found = await survivorsOf(body.marks, options);
        expect(found.map(({ pid }) => pid).toSorted(byPid)).toEqual(pids.toSorted(byPid));
        expect(found.map(({ name }) => name)).toContain('sleep');
        expect(pids.every(isAlive)).toBe(true);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        await until(() => !pids.some(isAlive), 'the survivors are gone');
        expect(await survivorsOf(body.marks, options)).toEqual([]);
      });
  });
}

/** Starts `cat`, which waits; its user is chosen by root only. */
function startCat(program: string, word: string, env: Record<string, string>): ChildProcess & Disposable {
  const child = spawn(program, ['-', word], { uid: nobody, gid: nobody, env, stdio: ['pipe', 'ignore', 'ignore'] });
  return Object.assign(child, { [Symbol.dispose]: () => void child.kill('SIGKILL') });
}

// To be another user takes root.
describe.skipIf(!isRoot)(because('what others start', !isRoot), () => {
  it('is not taken for it, whatever of an execution stands in ps', async () => {
    using folder = tempFolder();
    chmodSync(folder.path, 0o711);
    const setuid = join(folder.path, 'cat');
    copyFileSync('/bin/cat', setuid);
    chmodSync(setuid, 0o4755);
    const body = await runLocally(plain('setsid sleep 300 >/dev/null 2>&1 & echo $!'));
    const seen = { om_frame: body.marks.frame, OM_MARK: body.marks.frame };
    using one = startCat('/bin/cat', `om_frame=${body.marks.frame}`, seen);
    using two = startCat(setuid, `om_frame=${body.marks.frame}`, seen);
    await until(() => [one, two].every(({ pid }) => pid !== undefined && isAlive(pid)), 'both are there');
    const [survivor, ...others] = await survivorsOf(body.marks);
    expect(others).toEqual([]);
    expect(survivor).toEqual({ pid: Number(body.stdout), name: 'sleep' });
    if (survivor) process.kill(survivor.pid, 'SIGKILL');
  });

  it('does not learn the mark from who looks for it', async () => {
    const body = await runLocally(plain('true'));
    using folder = tempFolder();
    const { env, calls } = spied(folder.path, { grep: '', tr: '' });
    await survivorsOf(body.marks, { env });
    expect(calls().join('\n')).toContain(body.marks.frame);
    expect(calls().join('\n')).not.toContain(body.marks.mark.slice(1));
  });
});
