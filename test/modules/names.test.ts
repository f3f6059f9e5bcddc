import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkParamName, parseManifest, renderShell, reservedNames } from '@omanager/task-module';
import { describe, expect, it } from 'vitest';
import { because, interpretingShells, isInstalled, runLocally, tempFolder } from './localHost.ts';

const attack = (file: string) => `a[$(touch ${file})]`;

describe('reserved names', () => {
  it('are refused by name in a manifest, each of them', () => {
    const names = [...reservedNames];
    expect(names.length).toBeGreaterThan(200);
    for (const name of names) {
      const text = `id: a.b\ntitle: x\nparams:\n  ${JSON.stringify(name)}: { type: string }\nshell: echo\n`;
      const parsed = parseManifest(text, 'a.yaml');
      const messages = 'problems' in parsed ? parsed.problems : [];
      expect(messages).toMatchObject([{ line: 4, column: 3, message: expect.stringContaining(`params.${name}: `) }]);
      expect(() => renderShell({ source: 'true', params: { [name]: 'x' }, env: {} })).toThrow(name);
    }
  });

  it('would indeed run code in some shell, or the list would be a superstition', () => {
    if (!isInstalled('bash')) return;
    using folder = tempFolder();
    const file = join(folder.path, 'x');
    spawnSync('bash', ['-c', `RANDOM='${attack(file)}'`]);
    expect(existsSync(file)).toBe(true);
  });

  it.skipIf(!isInstalled('zsh'))(
    because('hold every lower-case special of zsh and its modules', !isInstalled('zsh')),
    () => {
      const script =
        'zmodload zsh/parameter zsh/datetime zsh/mapfile zsh/system zsh/terminfo zsh/termcap zsh/langinfo zsh/sched zsh/watch 2>/dev/null; print -l ${(k)parameters} ${(k)reswords}';
      const names = execFileSync('zsh', ['-f', '-c', script], { encoding: 'utf8' }).split('\n');
      const own = names.filter((name) => /^[a-z][a-z0-9_]*$/.test(name) && process.env[name] === undefined);
      expect(own.length).toBeGreaterThan(40);
      expect(own.filter((name) => checkParamName(name) === 'ok')).toEqual([]);
    },
  );

  it.skipIf(!isInstalled('bash'))(because('hold every reserved word of bash', !isInstalled('bash')), () => {
    const words = execFileSync('bash', ['-c', 'compgen -k; compgen -v'], { encoding: 'utf8' }).split('\n');
    expect(words.filter((word) => process.env[word] === undefined && checkParamName(word) === 'ok')).toEqual([]);
  });
});

for (const { shell, missing } of interpretingShells) {
  describe.skipIf(missing)(because(`accepted names under ${shell}`, missing), () => {
    it('never run a value, also those that look like specials', async () => {
      using folder = tempFolder();
      const file = join(folder.path, 'x');
      // Lower-case twins of specials, names of common environment variables, of builtins and of the wrapper's words.
      const twins = [...reservedNames].map((name) => name.toLowerCase());
      const others =
        'lines service package command user home shell term lang mark nonce body record om x test echo printf cd read wait kill trap_ a1'.split(
          ' ',
        );
      const names = [...new Set([...twins, ...others])].filter((name) => checkParamName(name) === 'ok');
      expect(names.length).toBeGreaterThan(60);
      const params = Object.fromEntries(names.map((name) => [name, attack(file)]));
      const source = names.map((name) => `[ "$${name}" = "$x" ] || echo "${name} differs"`).join('\n');
      const { stdout, exitCode, stderr } = await runLocally(renderShell({ source, params, env: {} }), { shell });
      expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: '', exitCode: 0 });
      expect(existsSync(file)).toBe(false);
    });
  });
}
