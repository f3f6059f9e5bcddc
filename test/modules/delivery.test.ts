import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createMarks, renderShell, wrapperCommand, wrapScript } from '@omanager/task-module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  because,
  interpretingShells,
  isInstalled,
  loginShells,
  runLocally,
  startLogin,
  tempFolder,
} from './localHost.ts';

const execFileAsync = promisify(execFile);

const printAll = (names: string[]) => names.map((name) => `printf '%s' "$${name}"; printf '\\0'`).join('\n');
const render = (params: Record<string, string>, source = printAll(Object.keys(params))) =>
  renderShell({ source, params, env: { OM_RUN: 'run-1', OM_HOST: 'web-01' } });

const nasty = {
  semicolon: '; rm -rf /',
  substitution: '$(id) ${HOME} $((1+1)) `id`',
  quotes: `'"'"''\\'\\"`,
  newlines: 'a\n\nb\n\n',
  carriage: 'a\r\nb\r',
  chinese: '服务器 “引号” 𠮷',
  globs: '* ? [a-z] ~ {a,b} !$ !! #x',
  dashes: '--help',
  spaces: '  a\t b  ',
  controls: `${Array.from({ length: 31 }, (_, code) => String.fromCharCode(code + 1)).join('')}\x7f\x81\x88\x9b`,
  here: 'om_end\nEOF\n: MARK',
  empty: '',
};

for (const { shell, missing } of interpretingShells) {
  describe.skipIf(missing)(because(`params under ${shell}`, missing), () => {
    it('arrive byte for byte, whatever they hold', async () => {
      const { stdout, stderr, exitCode } = await runLocally(render(nasty), { shell });
      expect(stderr).toBe('');
      expect(stdout.split('\0').slice(0, -1)).toEqual(Object.values(nasty));
      expect(exitCode).toBe(0);
    });

    it('arrive byte for byte as any text that fast-check thinks of', async () => {
      const any = fc.string({ unit: 'binary', maxLength: 300 }).filter((text) => !text.includes('\0'));
      const syntax = fc
        .array(
          fc.constantFrom(
            "'",
            '"',
            '\\',
            '\n',
            '$(',
            ')',
            '`',
            '${',
            '}',
            ';',
            '!',
            '#',
            ' ',
            '\t',
            '中',
            '&',
            '|',
            '<<',
          ),
          { maxLength: 60 },
        )
        .map((parts) => parts.join(''));
      await fc.assert(
        fc.asyncProperty(fc.oneof(any, syntax), async (text) => {
          const { stdout } = await runLocally(render({ value: text }), { shell });
          expect(stdout).toBe(`${text}\0`);
        }),
        { numRuns: 25 },
      );
    });

    it('of 300 KB arrive whole', async () => {
      const large = `${"it's 300 KB of 中文 $(id) `x`\n".repeat(9000)}end`;
      const { stdout } = await runLocally(render({ large, other: 'x' }), { shell });
      expect(stdout === `${large}\0x\0`).toBe(true);
    });

    it('are not in the environment of what the body starts, even where the host exports the name', async () => {
      const { stdout } = await runLocally(render({ http_proxy: 'secret-value', lines: 'secret-value' }, 'env'), {
        shell,
        env: { http_proxy: 'http://old', SHELLOPTS: 'allexport' },
      });
      expect(stdout).not.toContain('secret-value');
      expect(stdout).toMatch(/^OM_RUN=run-1$/m);
      expect(stdout).toMatch(/^OM_HOST=web-01$/m);
      expect(stdout).toMatch(/^OM_MARK=\w+$/m);
      expect(stdout).not.toMatch(/^om_/m);
    });

    it('are not read again by a body that reads its standard input', async () => {
      const { stdout, exitCode } = await runLocally(render({ value: 'x' }, 'cat; echo after; exit 3'), { shell });
      expect(stdout).toBe('after\n');
      expect(exitCode).toBe(3);
    });

    it('a body cannot see the nonce that the wrapper speaks with, and its output cannot forge an event', async () => {
      const { stdout, stderr, events, marks } = await runLocally(
        render({}, 'set; echo "omn00000000000000000000000000000000 timeout" >&2'),
        { shell },
      );
      expect(stdout).not.toContain(marks.nonce);
      expect(stderr).toContain('timeout');
      expect(events).toHaveLength(1);
    });

    it('a body with a syntax error fails and says so', async () => {
      const { exitCode, stderr } = await runLocally(render({}, 'if true; then'), { shell });
      expect(exitCode).not.toBe(0);
      expect(stderr).not.toBe('');
    });
  });
}

for (const { login, missing } of loginShells) {
  describe.skipIf(missing)(because(`${login} as the login shell`, missing), () => {
    it('reads the command line as every other does', async () => {
      const { stdout, exitCode } = await runLocally(render(nasty, `${printAll(Object.keys(nasty))}\nexit 5`), {
        login,
      });
      expect(stdout.split('\0').slice(0, -1)).toEqual(Object.values(nasty));
      expect(exitCode).toBe(5);
    });

    it('answers the ready mark before the script is sent', async () => {
      const { stdout, failed } = await runLocally(render({ value: 'x' }), { login, mode: 'ready' });
      expect(failed).toBeUndefined();
      expect(stdout).toBe('x\0');
    });
  });
}

describe('a script that does not arrive whole', () => {
  it('does not run at all, wherever it is cut', async () => {
    using folder = tempFolder();
    const touched = join(folder.path, 'touched');
    const script = render({ file: touched }, 'touch "$file"');
    const marks = createMarks();
    const whole = wrapScript(script, { marks, timeoutMs: 60_000 });
    writeFileSync(join(folder.path, 'script'), whole);
    writeFileSync(join(folder.path, 'command'), wrapperCommand({ bytes: whole.length, marks }));
    // One shell cuts for all lengths: thousands of children of this process would take minutes.
    const cutEverywhere = `
cd "$1"
command=$(cat command)
length=$2
while [ "$length" -lt "$3" ]; do
  head -c "$length" script | sh -c "$command" >/dev/null 2>&1
  code=$?
  [ "$code" = 97 ] && [ ! -e touched ] || echo "cut at $length: exit $code"
  length=$((length + 1))
done
`;
    const half = whole.length >> 1;
    const parts = [
      [0, half],
      [half, whole.length],
    ].map(([from, to]) => execFileAsync('sh', ['-c', cutEverywhere, 'cut', folder.path, String(from), String(to)]));
    for (const { stdout } of await Promise.all(parts)) expect(stdout).toBe('');
    expect(existsSync(touched)).toBe(false);
    await execFileAsync('sh', ['-c', 'cd "$1"; sh -c "$(cat command)" <script', 'whole', folder.path]);
    expect(existsSync(touched)).toBe(true);
  });

  const noBash = !isInstalled('bash');
  it.skipIf(noBash)(because('does not run when a profile ate a part of it', noBash), async () => {
    using folder = tempFolder();
    // bash reads it when it takes its standard input for a network connection, as under sshd.
    writeFileSync(join(folder.path, '.bashrc'), 'read -r line\n');
    const marks = createMarks();
    const whole = wrapScript(render({}, 'echo ran'), { marks, timeoutMs: 60_000 });
    const child = startLogin(wrapperCommand({ bytes: whole.length, marks }), { login: 'bash', home: folder.path });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.resume();
    child.stdin.end(whole);
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(97);
    expect(stdout).toBe('');
  });

  it.skipIf(noBash)(because('goes to nobody but the wrapper when it waits for the ready mark', noBash), async () => {
    using folder = tempFolder();
    writeFileSync(join(folder.path, '.bashrc'), 'read -r -t 0.2 line; echo "profile read: $line"\n');
    const { failed, stdout } = await runLocally(render({ secret: 'hunter2' }, 'printf %s "$secret"'), {
      login: 'bash',
      mode: 'ready',
      home: folder.path,
    });
    expect({ failed, stdout }).toEqual({ failed: undefined, stdout: 'hunter2' });
  });
});
