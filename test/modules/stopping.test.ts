import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseProbe, probeScript, renderShell } from '@omanager/task-module';
import { describe, expect, it } from 'vitest';
import { because, interpretingShells, isAlive, runLocally, tempFolder, until } from './localHost.ts';

const plain = (source: string) => renderShell({ source, params: {}, env: { OM_RUN: 'run-1' } });

/** Prints the pids of a body, of a background child and of a background child that ignores TERM, then waits. */
const stubborn = (own: string) => `
sleep 300 & echo $!
(trap '' TERM; exec sleep 300) & echo $!
${own}
echo ready
sleep 300 & wait $!
while :; do sleep 1; done
`;

const pidsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);

for (const { shell, missing } of interpretingShells) {
  describe(because(`stopping a body under ${shell}`, missing), { concurrent: true, skip: missing }, () => {
    it('ends the group on TERM, TERM-ignoring background children included, and returns soon', async () => {
      let out = '';
      const done = runLocally(plain(stubborn('')), {
        shell,
        graceMs: 3000,
        onStdout: (text, host) => {
          out += text;
          if (out.includes('ready')) host.control('term');
        },
      });
      const result = await done;
      expect(result.failed).toBeUndefined();
      expect(pidsOf(out)).toHaveLength(2);
      await until(() => !pidsOf(out).some(isAlive), 'all processes are gone', 2000);
      expect(result.events.map((event) => event.kind)).toEqual(['start']);
    });

    it('waits for nobody who only bears a name that looks like one of the group', async () => {
      using folder = tempFolder();
      let liar: ChildProcess | undefined;
      const result = await runLocally(plain('echo ready; sleep 300'), {
        shell,
        graceMs: 20_000,
        onStdout(_text, host) {
          // What /proc/PID/stat says in brackets is the name of the program, which any user may choose.
          const program = join(folder.path, `) S 1 ${host.pid} `);
          copyFileSync('/bin/sleep', program);
          liar = spawn(program, ['300'], { detached: true, stdio: 'ignore' });
          liar.once('spawn', () => host.control('term'));
        },
      });
      liar?.kill('SIGKILL');
      expect(result).toMatchObject({ exitCode: 143, signal: undefined });
    });

    it('ends a body that ignores TERM on KILL', async () => {
      let out = '';
      const result = await runLocally(plain(stubborn("trap '' TERM")), {
        shell,
        graceMs: 60_000,
        onStdout: (text, host) => {
          out += text;
          if (out.includes('ready')) {
            host.control('term');
            host.control('kill');
          }
        },
      });
      expect(result.signal).toBe('SIGKILL');
      await until(() => !pidsOf(out).some(isAlive), 'all processes are gone', 2000);
    });

    it('lets a body that handles TERM finish its own way, with its own exit code', async () => {
      const result = await runLocally(
        plain("trap 'echo cleaned; exit 7' TERM; sleep 300 & sleep 0.3; echo ready; wait $!"),
        {
          shell,
          onStdout: (text, host) => {
            if (text.includes('ready')) host.control('term');
          },
        },
      );
      expect(result.stdout).toBe('ready\ncleaned\n');
      // After a stop the code is only a hint: bash may lose it to its trap (143), ksh may take `exit 7` in a trap for signal 7 (135).
      expect([7, 143, 135]).toContain(result.exitCode);
    });

    it('times out on the host by itself once the timer was asked for: TERM, then KILL', async () => {
      let out = '';
      const result = await runLocally(plain(stubborn("trap '' TERM")), {
        shell,
        timeoutMs: 1000,
        graceMs: 3000,
        onStart: (host) => host.control('timer'),
        onStdout: (text) => {
          out += text;
        },
      });
      expect(result.events.map((event) => event.kind)).toEqual(['start', 'timeout']);
      expect(result.signal).toBe('SIGKILL');
      await until(() => !pidsOf(out).some(isAlive), 'all processes are gone', 2000);
    });

    it.each([
      ['that ends on TERM', '', /^\S+ \d+ \d+ \d+ \w+ \w+\n143\n137\n$/],
      ['that ignores TERM', "trap '' TERM", /^\S+ \d+ \d+ \d+ \w+ \w+\n137\n$/],
    ])('times out on the host when the channel is gone: a body %s', async (_name, own, record) => {
      using home = tempFolder();
      let out = '';
      const result = await runLocally(plain(stubborn(own)), {
        shell,
        home: home.path,
        record: 'run-1.a1',
        timeoutMs: 1000,
        graceMs: 3000,
        onStdout: (text, host) => {
          out += text;
          if (out.includes('ready')) host.cut();
        },
      });
      expect(result.exitCode ?? result.signal).toBeDefined();
      expect(pidsOf(out)).toHaveLength(2);
      await until(() => !pidsOf(out).some(isAlive), 'all processes are gone', 2000);
      expect(readFileSync(join(home.path, '.omanager/run/run-1.a1'), 'utf8')).toMatch(record);
    });

    it('a body that outlives its cut channel still leaves its true exit code', async () => {
      using home = tempFolder();
      await runLocally(plain('sleep 0.5; exit 9'), {
        shell,
        home: home.path,
        record: 'r',
        onStart: (host) => host.cut(),
      });
      const probe = await runLocally(probeScript('r'), { home: home.path });
      expect(parseProbe(probe.stdoutBytes)).toEqual({ state: 'finished', exitCode: 9, left: [], tail: null });
    });
  });
}

describe.concurrent('a body in a group of others', () => {
  it('never signals a process group that it does not lead', async () => {
    // As under an SSH server that starts commands in its own group: this test's group would be hit by a `kill 0`.
    const result = await runLocally(plain('echo ready; while :; do sleep 0.1; done'), {
      ownGroup: false,
      onStdout: (_text, host) => host.control('term'),
    });
    expect(result.exitCode).toBe(143);
  });
});
