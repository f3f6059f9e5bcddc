import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderShell, tailBytes } from '@omanager/task-module';
import { afterAll, describe, expect, it } from 'vitest';
import { makeBusyboxUserland } from './builtinHost.ts';
import { because, interpretingShells, isAlive, type LocalOptions, runLocally, tempFolder, until } from './localHost.ts';

const plain = (source: string) => renderShell({ source, params: {}, env: { OM_RUN: 'run-1' } });

const programs = tempFolder();
afterAll(() => programs[Symbol.dispose]());
const busybox = makeBusyboxUserland(programs.path);
const hosts: { name: string; missing: boolean; options: LocalOptions }[] = [
  ...interpretingShells.map(({ shell, missing }) => ({ name: shell, missing, options: { shell } })),
  {
    name: 'busybox alone',
    missing: busybox === undefined,
    options: { shell: 'busybox sh', login: busybox ? `${busybox}/sh` : 'sh', env: { PATH: busybox ?? '' } },
  },
];

for (const { name, missing, options: host } of hosts) {
  describe(because(`an output that is kept, under ${name}`, missing), { concurrent: true, skip: missing }, () => {
    const run = (source: string, home: { path: string }, options: LocalOptions = {}) =>
      runLocally(plain(source), { ...host, home: home.path, record: 'r', keepTail: true, ...options });
    const folderOf = (home: { path: string }) => join(home.path, '.omanager/run');
    const recordOf = (home: { path: string }) => readFileSync(join(folderOf(home), 'r'), 'utf8');
    const tailOf = (home: { path: string }) => readFileSync(join(folderOf(home), 'r.tail'), 'latin1');
    const tidy = (home: { path: string }) => readdirSync(folderOf(home)).sort();

    it('passes both streams apart, byte for byte, with the exit code, and leaves the end of both', async () => {
      using home = tempFolder();
      const result = await run('echo out; printf "no newline \\001\\377" >&2; sleep 0.2; echo more; exit 5', home);
      expect(result).toMatchObject({ stdout: 'out\nmore\n', exitCode: 5, signal: undefined });
      expect(result.events.map(({ kind }) => kind)).toEqual(['start', 'end']);
      expect(recordOf(home)).toMatch(/^\S+ \d+ \d+ \d+ omm[0-9a-f]{32} omf[0-9a-f]{32}\n5\n$/);
      expect(tailOf(home)).toContain('no newline \x01\xff');
      expect(tailOf(home)).toMatch(/more\n$/);
      expect(tidy(home)).toEqual(['r', 'r.tail']);
      expect(statSync(folderOf(home)).mode & 0o777).toBe(0o700);
      expect(statSync(join(folderOf(home), 'r.tail')).mode & 0o777).toBe(0o600);
    });

    it('goes with its record once the result is stored', async () => {
      using home = tempFolder();
      const result = await run('echo out; echo err >&2; exit 5', home, { collect: true });
      expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 5, over: { exitCode: 5 } });
      expect(tidy(home)).toEqual([]);
    });

    it('passes much output whole and keeps its last bytes', async () => {
      using home = tempFolder();
      const result = await run(
        'i=0; while [ $i -lt 60 ]; do head -c 100003 /dev/zero | tr "\\0" "a"; echo $i; i=$((i+1)); done',
        home,
      );
      const hash = createHash('sha256');
      for (let i = 0; i < 60; i++) hash.update(`${'a'.repeat(100_003)}${i}\n`);
      expect(createHash('sha256').update(result.stdoutBytes).digest('hex')).toBe(hash.digest('hex'));
      expect(tailOf(home)).toBe(result.stdoutBytes.toString('latin1').slice(-tailBytes));
    });

    it('waits for whoever reads it slowly', async () => {
      using home = tempFolder();
      const body = 'head -c 190000 /dev/zero | tr "\\0" "a" >&2; head -c 190000 /dev/zero | tr "\\0" "b"; exit 2';
      const { stdout, stderr, exitCode } = await run(body, home, {
        onStart: (host) => {
          host.hold(true);
          setTimeout(() => host.hold(false), 2500);
        },
      });
      expect([stderr.length, stdout.length, exitCode]).toEqual([190_000, 190_000, 2]);
      expect(tailOf(home)).toHaveLength(tailBytes);
    });

    it('of a body that says nothing is empty', async () => {
      using home = tempFolder();
      expect(await run('exit 0', home)).toMatchObject({ stdout: '', stderr: '', exitCode: 0 });
      expect(tailOf(home)).toBe('');
    });

    it('lets the body go on when the channel dies, and keeps what it still says', async () => {
      using home = tempFolder();
      await run(
        'i=0; while [ $i -lt 8 ]; do sleep 0.1; echo "line $i"; echo "oops $i" >&2; i=$((i+1)); done; exit 9',
        home,
        {
          onStart: (host) => host.cut(),
        },
      );
      expect(recordOf(home)).toMatch(/\n9\n$/);
      const said = tailOf(home);
      for (let i = 0; i < 8; i++) {
        expect(said).toContain(`line ${i}\n`);
        expect(said).toContain(`oops ${i}\n`);
      }
      expect(tidy(home)).toEqual(['r', 'r.tail']);
    });

    it('does not wait for a daemon that holds it', async () => {
      using home = tempFolder();
      const result = await run('(trap "" TERM PIPE; sleep 300) & echo $!; exit 3', home);
      expect(result.exitCode).toBe(3);
      expect(tailOf(home)).toBe(result.stdout);
      const pid = Number(result.stdout);
      expect(isAlive(pid)).toBe(true);
      process.kill(pid, 'SIGKILL');
    });

    it('is there when the body was killed', async () => {
      using home = tempFolder();
      let out = '';
      const result = await run(
        "trap '' TERM; (trap '' TERM; exec sleep 300) & echo $!; echo ready; while :; do sleep 1; done",
        home,
        {
          graceMs: 1000,
          onStdout: (text, host) => {
            out += text;
            if (out.includes('ready')) host.control('term');
          },
        },
      );
      expect(result.signal).toBe('SIGKILL');
      await until(() => !isAlive(Number.parseInt(out, 10)), 'the child is gone', 2000);
      expect(recordOf(home)).toMatch(/\n137\n$/);
      expect(tailOf(home)).toBe(out);
      expect(tidy(home)).toEqual(['r', 'r.tail']);
    });

    it('is there when the host ended the body after the channel had died', async () => {
      using home = tempFolder();
      let out = '';
      await run("trap 'echo cleaned; exit 7' TERM; echo ready; while :; do sleep 0.1; done", home, {
        timeoutMs: 1000,
        onStdout: (text, host) => {
          out += text;
          if (out.includes('ready')) host.cut();
        },
      });
      expect(tailOf(home)).toContain('cleaned\n');
      expect(recordOf(home)).toMatch(/\n(7|143|135)\n$/);
    });

    it('is swept when it is old, now and then', async () => {
      using home = tempFolder();
      await run('echo old', home);
      const days = (n: number) => new Date(Date.now() - n * 86_400_000);
      const left = (names: string[]) => names.filter((name) => tidy(home).includes(name));
      const files = { 'a.tail': 2, 'b.tail': 0, a: 2, b: 8, 'c.got': 0.1, 'd.got.tail': 0.01 };
      for (const [name, age] of Object.entries(files)) {
        writeFileSync(join(folderOf(home), name), '');
        utimesSync(join(folderOf(home), name), days(age), days(age));
      }
      // Every eighth process sweeps.
      for (let i = 0; i < 400 && left(['a.tail', 'b', 'c.got']).length > 0; i++) await run('sleep 0.01', home);
      expect(left(Object.keys(files))).toEqual(['b.tail', 'a', 'd.got.tail']);
    }, 60_000);

    it('is not kept where there is no home, and the body runs all the same', async () => {
      const result = await runLocally(plain('echo out; exit 4'), {
        ...{ ...host, record: 'r', keepTail: true, home: '/nowhere/at-all' },
      });
      expect(result).toMatchObject({ stdout: 'out\n', exitCode: 4 });
      expect(existsSync('/nowhere')).toBe(false);
    });
  });
}
