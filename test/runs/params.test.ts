import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { createUser, type LabUser } from '../lab/users.ts';
import { type ModuleFile, outputOf, type Rig, runOn, startRig } from './rig.ts';

const loginShells = ['sh', 'bash', 'dash', 'zsh', 'fish'] as const;
const interpreters = ['sh', 'bash', 'dash', 'busybox sh', 'ksh', 'zsh'] as const;
const marker = join(tmpdir(), `om-param-was-run-${randomBytes(8).toString('hex')}`);

const texts = [
  '; rm -rf /',
  `$(touch ${marker})`,
  `\`touch ${marker}\``,
  `a[$(touch ${marker})]`,
  `a[0$(touch ${marker})]+1`,
  '$HOME$$ $? $0 "$@" ~$IFS',
  '\n',
  'two\nlines\n\n',
  '\r\n\ttab',
  `'single' "double" \`back\``,
  "'",
  "'\\''",
  '\\',
  '\\\\n \\0 \\x41 %s %d %%',
  '!',
  '!! !$ !-1 ^a^b',
  '-rf',
  '--help',
  '-',
  ' ',
  '     ',
  '',
  '~ ~root * ? [a-z] {a,b} < > | & && || # ;; ( )',
  '中文，服务器重启',
  '😀 👩‍👩‍👧‍👦 e\u0301 \u202e \ufeff',
  '\u0001\u0007\u001b]52;c;eA==\u0007\u007f\u0085',
  'EOF\n: omm0000\nexit 97\n',
  `${'0123456789abcdef\'"\\$`\n中'.repeat(15_000)}`,
] as const;

const params = Object.fromEntries(texts.map((_, i) => [nameOf(i), { type: 'string', format: 'textarea' }]));
const given = (values: readonly string[]) => Object.fromEntries(values.map((text, i) => [nameOf(i), text]));

function nameOf(i: number): string {
  return `v${String(i).padStart(2, '0')}`;
}

const printAll = `printf '%s\\0' ${texts.map((_, i) => `"$${nameOf(i)}"`).join(' ')}\n`;
const pythonPrint = (source: string) =>
  `import json, os, sys\np = json.load(${source})\nsys.stdout.buffer.write(b"".join(p[k].encode() + b"\\0" for k in sorted(p)))\n`;

/** How each kind of body prints its params, every value ended by NUL. */
const bodies: Record<string, Record<string, unknown>> = {
  ...Object.fromEntries(
    interpreters.map((interpreter) => [interpreter.replace(' ', '-'), { interpreter, shell: printAll }]),
  ),
  'python-file': {
    script: { interpreter: 'python3', source: pythonPrint('open(os.environ["OM_PARAMS"], encoding="utf-8")') },
  },
  'python-stdin': {
    script: { interpreter: 'python3', paramsBy: 'stdin', source: pythonPrint('sys.stdin.buffer') },
  },
};

/** What sudo does to values does not depend on the less common shells. */
function kindsOf(who: string): string[] {
  return Object.keys(bodies).filter((kind) => who === 'login' || (kind !== 'ksh' && kind !== 'zsh'));
}

describe.skipIf(!has('sshd', 'useradd', 'sudo', 'busybox', 'fish', 'zsh', 'ksh', 'python3'))('parameters', () => {
  let rig: Rig;
  let other: LabUser;
  const users: LabUser[] = [];

  beforeAll(async () => {
    other = await createUser();
    const runAs = { login: 'login', root: 'root', other: other.name };
    const modules = Object.entries(runAs).flatMap(([who, user]): ModuleFile[] => [
      ...kindsOf(who).map((kind) => ({ id: `echo.${who}.${kind}`, runAs: user, params, ...bodies[kind] })),
      {
        id: `echo.${who}.bytes`,
        runAs: user,
        params: { data: { type: 'string', format: 'file' } },
        shell: 'stat -c "%a %U" "$data" >&2; dirname "$data" >&2; stat -c %a "$(dirname "$data")" >&2; cat "$data"',
      },
    ]);
    rig = await startRig({ hosts: 1, modules });
    await rig.client.call('hosts.remove', { names: ['h-001'] });
    for (const [i, shell] of loginShells.entries())
      users.push(
        await rig.addUser(shell, {
          shell: `/usr/bin/${shell}`,
          ...(i % 2 === 0 ? { sudo: 'password', sudoPassword: 'right' } : { sudo: 'nopasswd' }),
        }),
      );
  });
  afterAll(async () => {
    await rig?.stop();
    await other?.remove();
  });

  /** Runs on every login shell and expects the same values back from each. */
  async function expectEcho(module: string, values: readonly string[]): Promise<void> {
    const { run, hosts } = await runOn(rig.client, { module, selector: '*', params: given(values) });
    expect(hosts.map(({ name, state, message }) => `${name} ${state} ${message}`)).toEqual(
      [...loginShells].sort().map((name) => `${name} ok null`),
    );
    for (const { ordinal, name } of hosts) {
      const output = await outputOf(rig.client, run.id, ordinal);
      const back = output.toString('utf8').split('\0').slice(0, -1);
      const expected = texts.map((_, i) => values[i] ?? '');
      for (const [i, text] of expected.entries())
        if (back[i] !== text)
          expect({ name, module, i, text: back[i]?.slice(0, 200) }).toEqual({
            name,
            module,
            i,
            text: text.slice(0, 200),
          });
      expect(back).toHaveLength(expected.length);
    }
    expect(existsSync(marker)).toBe(false);
  }

  const whos = ['login', 'root', 'other'] as const;

  it.each(whos)('arrive byte-exact for %s in every kind of body, whatever the login shell', async (who) => {
    await Promise.all(kindsOf(who).map((kind) => expectEcho(`echo.${who}.${kind}`, texts)));
  });

  it('arrive byte-exact whatever text they are', async () => {
    const text = fc
      .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 100 }))
      .map((value) => value.replaceAll('\0', '').toWellFormed());
    const all = fc.array(text, { minLength: texts.length, maxLength: texts.length });
    await fc.assert(
      fc.asyncProperty(all, (values) => expectEcho('echo.login.sh', values)),
      { numRuns: 5 },
    );
  });

  it.each(whos)('arrive as a file of arbitrary bytes for %s, private and gone afterwards', async (who) => {
    const bytes = Buffer.concat([Uint8Array.from({ length: 256 }, (_, i) => i), randomBytes(1024 * 1024 - 256)]);
    const files = { data: { name: 'weird \'name" $(id).bin', data: bytes.toString('base64') } };
    const { run, hosts } = await runOn(rig.client, { module: `echo.${who}.bytes`, selector: '*', files });
    expect(run.counts).toMatchObject({ ok: loginShells.length });
    const owner = { login: /^600 omlab-/, root: /^600 root$/, other: new RegExp(`^600 ${other.name}$`) }[who];
    for (const { ordinal } of hosts) {
      expect((await outputOf(rig.client, run.id, ordinal)).equals(bytes)).toBe(true);
      const seen = (await outputOf(rig.client, run.id, ordinal, 'stderr')).toString().split('\n');
      const [file = '', folder = '', folderMode] = seen;
      expect(file).toMatch(owner);
      expect(folderMode).toBe('700');
      expect(existsSync(folder)).toBe(false);
    }
    expect(filesLeft()).toEqual([]);
  });

  it('refuse NUL and text that is no text by name, before anything is planned', async () => {
    const plan = (value: string) =>
      rig.client.call('runs.plan', { module: 'echo.login.sh', selector: '*', params: { v03: value } });
    await expect(plan('a\0b')).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
      message: expect.stringMatching(/v03.*NUL/),
    });
    await expect(plan('half \ud83d')).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
      message: expect.stringMatching('v03'),
    });
  });

  /** Folders for file params that belong to users of this test. */
  function filesLeft(): string[] {
    const uids = new Set([...users, other].map(({ uid }) => uid));
    return readdirSync('/tmp').filter((name) => name.startsWith('om-files.') && uids.has(ownerOf(`/tmp/${name}`)));
  }
});

function ownerOf(path: string): number {
  // It may belong to another test and be gone by now.
  return statSync(path, { throwIfNoEntry: false })?.uid ?? -1;
}
