import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from '@omanager/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { runOmserver } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'om-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function omserver(args: string[], env: Record<string, string> = {}) {
  const said = { code: 0, stdout: '', stderr: '' };
  said.code = await runOmserver(args, {
    env: { OM_DATA_DIR: join(folder, 'data'), ...env },
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
    signal: new AbortController().signal,
  });
  return said;
}

describe('omserver', () => {
  it('explains itself and each command', async () => {
    const help = await omserver(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    const commands = [...help.stdout.matchAll(/^ {2}([a-z]+)[ \n]/gm)].map(([, name]) => name ?? '');
    for (const name of [
      'serve',
      'migrate',
      'invite',
      'token',
      'user',
      'rekey',
      'backup',
      'restore',
      'doctor',
      'modules',
      'openrpc',
    ]) {
      expect(commands).toContain(name);
      expect((await omserver([name, '--help'])).stdout).toContain(`Usage: omserver ${name}`);
    }
    expect(help.stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('ends with 3 for wrong usage and wrong settings, and says what is wrong', async () => {
    expect(await omserver(['fly'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("unknown command 'fly'"),
    });
    expect(await omserver(['backup'])).toMatchObject({ code: 3, stderr: expect.stringContaining("'file'") });
    const settings = await omserver(['migrate'], { OM_PORT: 'x', OM_PARALLEL: '-1' });
    expect(settings.code).toBe(3);
    expect(settings.stderr).toMatch(/^omserver: OM_PORT: .*\n {2}OM_PARALLEL: .*\n$/);
  });

  it('tells no more of a failure than its message, unless asked to', async () => {
    const env = { OM_DATABASE_URL: 'mysql://om:hunter2@127.0.0.1:9/om' };
    const failed = await omserver(['migrate'], env);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^omserver: .*ECONNREFUSED.*\n$/);
    const debugged = await omserver(['migrate'], { ...env, OM_LOG_LEVEL: 'debug' });
    expect(debugged.stderr).toContain('"stack":[');
    expect(debugged.stderr).not.toContain('hunter2');
  });

  it('migrates once', async () => {
    expect((await omserver(['migrate'])).stdout).toMatch(/^applied \d{14}_access\n/);
    expect(await omserver(['migrate'])).toMatchObject({ code: 0, stdout: 'The schema is up to date.\n' });
  });

  it('prints the OpenRPC document of every method', async () => {
    const { code, stdout } = await omserver(['openrpc']);
    expect(code).toBe(0);
    const names = JSON.parse(stdout).methods.map(({ name }: { name: string }) => name);
    expect(names).toEqual(Object.keys(contract));
  });

  it('validates modules with file, line and column', async () => {
    const good = join(folder, 'good.yaml');
    const bad = join(folder, 'bad.yaml');
    const head = 'title: { en: Test, zh: 测试 }\nfamily: system\n';
    writeFileSync(good, `id: site.good\n${head}risk: read\nshell: uptime\n`);
    expect(await omserver(['modules', 'validate', folder])).toMatchObject({
      code: 0,
      stdout: 'The module is right.\n',
    });
    writeFileSync(bad, `id: system.uptime\n${head}risk: harmless\nshell: uptime\n`);
    const one = await omserver(['modules', 'validate', folder]);
    expect(one.code).toBe(3);
    expect(one.stdout).toMatch(new RegExp(`^${bad}:4:\\d+: .*risk`, 'm'));
    expect(one.stderr).toContain('1 of 2 modules has mistakes.');
    writeFileSync(bad, `id: system.uptime\n${head}risk: read\nshell: uptime\n`);
    expect((await omserver(['modules', 'validate', bad])).stdout).toContain('system.uptime is already used by');
    expect(await omserver(['modules', 'validate', join(folder, 'none')])).toMatchObject({ code: 3 });
  });
});
