import { appendFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderShell, type Shell } from '@omanager/task-module';
import { afterAll, describe, expect, it } from 'vitest';
import { makeBusyboxUserland, makeFakes, runBuiltin } from './builtinHost.ts';
import {
  because,
  interpretingShells,
  isAlive,
  type LocalHost,
  type LocalOptions,
  runLocally,
  tempFolder,
  until,
} from './localHost.ts';

const folder = tempFolder();
afterAll(() => folder[Symbol.dispose]());
const busybox = makeBusyboxUserland(folder.path);
const old = makeFakes(folder.path, {
  tail: 'case " $* " in *" -F "* | *" --help "*) echo "usage: tail [-f] [-n number] [file]" >&2; exit 1;; esac\nexec /usr/bin/tail "$@"',
  ls: 'exec /bin/ls "$@"',
});

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
  { name: 'a tail that knows no -F', missing: false, options: { env: { PATH: old.path } } },
];

for (const [i, { name, missing, options }] of userlands.entries()) {
  describe.skipIf(missing)(because(`log.follow with ${name}`, missing), { concurrent: true }, () => {
    mkdirSync(join(folder.path, `logs ${i}`));
    const fileOf = (test: string) => join(folder.path, `logs ${i}`, `${test}.log`);

    /** Runs the module, doing one step after another, each as soon as what it waits for was printed. */
    async function follow(file: string, params: object, steps: readonly [after: string, act: () => void][]) {
      let out = '';
      const waiting = [...steps];
      const onStdout = (text: string, host: LocalHost) => {
        out += text;
        while (waiting[0] && out.includes(waiting[0][0])) waiting.shift()?.[1]();
        if (waiting.length === 0) host.control('term');
      };
      return runBuiltin(
        'log.follow',
        { file, ...params },
        { ...options, onStdout, signal: AbortSignal.timeout(20_000) },
      );
    }

    it('begins with the last lines and goes on over a rotation, until it is stopped', async () => {
      const file = fileOf('rotated');
      writeFileSync(file, 'a\nb\nc\n');
      const { stdout, failed, signal } = await follow(file, { lines: 2 }, [
        ['c\n', () => appendFileSync(file, 'd\n')],
        [
          'd\n',
          () => {
            renameSync(file, `${file}.1`);
            writeFileSync(file, 'e\nf\n');
          },
        ],
        ['f\n', () => appendFileSync(file, 'g\n')],
        ['g\n', () => {}],
      ]);
      expect({ stdout, failed, signal }).toEqual({
        stdout: 'b\nc\nd\ne\nf\ng\n',
        failed: undefined,
        signal: undefined,
      });
    });

    it('goes on when the file was emptied', async () => {
      const file = fileOf('emptied');
      writeFileSync(file, 'first line\n');
      const { stdout } = await follow(file, {}, [
        [
          'first line\n',
          () => {
            truncateSync(file);
            // A tail that looks once a second must see it empty.
            void sleep(2500).then(() => appendFileSync(file, 'new\n'));
          },
        ],
        ['new\n', () => {}],
      ]);
      expect(stdout).toBe('first line\nnew\n');
    });

    it('waits for a file that is not there', async () => {
      const file = fileOf('later');
      void sleep(500).then(() => writeFileSync(file, 'here\n'));
      expect((await follow(file, {}, [['here\n', () => {}]])).stdout).toBe('here\n');
    });

    it('says what it cannot follow', async () => {
      const { exitCode, stderr } = await runBuiltin('log.follow', { file: folder.path }, options);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: `${folder.path} is a folder\n` });
    });
  });
}

for (const { shell, missing } of interpretingShells) {
  describe.skipIf(missing)(because(`a body that follows under ${shell}`, missing), { concurrent: true }, () => {
    it.each([
      ['ends', ''],
      ['is killed, though it ignores TERM,', "trap '' TERM"],
    ])('%s when its channel dies', async (_name, own) => {
      using home = tempFolder();
      let out = '';
      const source = `${own}\nsleep 300 & echo $!\necho ready\nwhile :; do sleep 0.2; done`;
      const options = { shell, home: home.path, record: 'r', graceMs: 1000, endsWithChannel: true };
      await runLocally(renderShell({ source, params: {}, env: {} }), {
        ...options,
        onStdout: (text, host) => {
          out += text;
          if (out.includes('ready')) host.cut();
        },
      });
      const record = () => readFileSync(join(home.path, '.omanager/run/r'), 'utf8');
      await until(() => !isAlive(Number.parseInt(out, 10)), 'its background child is gone', 5000);
      await until(() => /\n(143|137)\n$/.test(record()), 'its end was recorded', 5000);
    });
  });
}

describe('journal.follow', () => {
  it('asks journalctl for a unit', async () => {
    const fakes = tempFolder();
    const { path, calls } = makeFakes(fakes.path, { journalctl: 'echo "2026-01-01T00:00:00 h nginx: hello"' });
    const { stdout, exitCode } = await runBuiltin('journal.follow', { unit: 'nginx.service' }, { env: { PATH: path } });
    expect({ stdout, exitCode }).toEqual({ stdout: '2026-01-01T00:00:00 h nginx: hello\n', exitCode: 0 });
    expect(calls()).toEqual(['journalctl --no-pager -q -f -o short-iso -n 10 -p debug -u nginx.service']);
    fakes[Symbol.dispose]();
  });

  it('says when there is no journal', async () => {
    const { stderr, exitCode } = await runBuiltin('journal.follow', {}, { env: { PATH: old.path } });
    expect({ stderr, exitCode }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no journal') });
  });
});
