import { existsSync } from 'node:fs';
import { renderScript } from '@omanager/task-module';
import { describe, expect, it } from 'vitest';
import { because, interpretingShells, isAlive, isInstalled, runLocally, until } from './localHost.ts';

const params = {
  text: `it's\n$(id) \`x\` "中文" \\ om_end`,
  count: 3,
  flag: true,
  list: ['a b', 'c'],
  none: undefined,
};
const env = { OM_RUN: 'run-1' };

const reads = (paramsBy: 'file' | 'stdin') => `import json, os, stat, sys
source = open(os.environ['OM_PARAMS']) if '${paramsBy}' == 'file' else sys.stdin
print(json.dumps({
    'params': json.load(source),
    'argv': open('/proc/self/cmdline').read().split('\\0'),
    'secret in environment': any('中文' in value for value in os.environ.values()),
    'modes': [oct(stat.S_IMODE(os.stat(os.path.join(os.path.dirname(sys.argv[0]), name)).st_mode)) for name in ('.', 'script', 'params')],
    'umask': oct(os.umask(0)),
}))
`;

describe.skipIf(!isInstalled('python3'))(because('a script body in python3', !isInstalled('python3')), () => {
  for (const paramsBy of ['file', 'stdin'] as const) {
    for (const { shell, missing } of interpretingShells) {
      it.skipIf(missing)(because(`gets its params by ${paramsBy} under ${shell}`, missing), async () => {
        const script = renderScript({ interpreter: 'python3 -u', source: reads(paramsBy), paramsBy, params, env });
        const { stdout, stderr, exitCode } = await runLocally(script, { shell });
        expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
        const said = JSON.parse(stdout);
        expect(said.params).toEqual({ ...params, none: null });
        expect(said.argv.slice(0, 2)).toEqual([expect.stringMatching(/python3$/), '-u']);
        expect(said['secret in environment']).toBe(false);
        expect(said.modes).toEqual(['0o700', '0o600', '0o600']);
        expect(said.umask).toBe(`0o${process.umask().toString(8)}`);
        expect(existsSync(said.argv[2])).toBe(false);
      });
    }
  }

  it('leaves no file behind when it is killed', async () => {
    let path = '';
    const script = renderScript({
      interpreter: 'python3 -u',
      source:
        'import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(os.environ["OM_PARAMS"], os.getpid())\ntime.sleep(300)\n',
      paramsBy: 'file',
      params: { secret: 'hunter2' },
      env,
    });
    const result = await runLocally(script, {
      onStdout: (text, host) => {
        path += text;
        if (text.includes('\n')) host.control('kill');
      },
    });
    expect(result.signal).toBe('SIGKILL');
    const [file = '', pid = '0'] = path.trim().split(' ');
    await until(() => !isAlive(Number(pid)), 'the interpreter is gone');
    expect(file).toMatch(/\/params$/);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a script body', () => {
  it('says which interpreter is missing', async () => {
    const script = renderScript({ interpreter: 'no-such-thing -x', source: 'x', paramsBy: 'file', params: {}, env });
    const { stderr, exitCode } = await runLocally(script);
    expect({ stderr, exitCode }).toEqual({
      stderr: 'omanager: no-such-thing is not installed on this server\n',
      exitCode: 127,
    });
  });

  it('does not run where no private folder can be made, and the conversation says so', async () => {
    const script = renderScript({ interpreter: 'sh', source: 'echo ran', paramsBy: 'file', params: {}, env });
    const { stdout, failed } = await runLocally(script, { env: { TMPDIR: '/dev/null' } });
    expect(stdout).toBe('');
    expect(failed?.code).toBe('no_folder');
  });
});
