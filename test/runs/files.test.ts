import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { HostRun } from '@omanager/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { startSshd } from '../lab/sshd.ts';
import { createUser, type LabUser } from '../lab/users.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import { addHosts, type ModuleFile, outputOf, type Rig, runOn, startRig } from './rig.ts';

const params = { data: { type: 'string', format: 'file' }, to: { type: 'string' }, note: { type: 'string' } };
const put = { file: 'data', to: '{to}' };
const as = { login: 'login', root: 'root' } as const;
type Who = keyof typeof as;
const whos: Who[] = ['login', 'root'];

const modules = (owner: string): ModuleFile[] =>
  whos.flatMap((who) => [
    { id: `put.${who}`, runAs: as[who], params, copy: put },
    {
      id: `deploy.${who}`,
      runAs: as[who],
      params,
      copy: {
        ...put,
        mode: '0640',
        backup: true,
        after: 'id -un; printf "%s\\n" "$note"; cat "$to"',
        ...(who === 'root' ? { owner } : {}),
      },
    },
    { id: `get.${who}`, runAs: as[who], params: { from: { type: 'string' } }, fetch: { from: '{from}' } },
    {
      id: `peek.${who}`,
      runAs: as[who],
      params: { from: { type: 'string' } },
      limits: { output: 1000 },
      fetch: { from: '{from}' },
    },
    { id: `count.${who}`, runAs: as[who], params: { data: params.data }, shell: 'wc -c <"$data"' },
  ]);

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe.skipIf(!has('sshd', 'useradd', 'sudo'))('files', () => {
  let rig: Rig;
  let user: LabUser;
  let owner: LabUser;
  let workspace: Workspace;
  /** Belongs to the login user. */
  let folder: string;
  /** Only root may read it. */
  let secret: string;

  beforeAll(async () => {
    owner = await createUser();
    workspace = createWorkspace('files', 0o755);
    rig = await startRig({ hosts: 1, modules: modules(`${owner.uid}:${owner.gid}`) });
    user = await rig.addUser('web', { sudo: 'password', sudoPassword: 'right' });
    await rig.addUser('wrong', { sudo: 'password', sudoPassword: 'wrong' });
  });
  afterAll(async () => {
    await rig?.stop();
    await owner?.remove();
    workspace?.remove();
  });
  beforeEach(() => {
    folder = join(user.home, randomBytes(4).toString('hex'));
    mkdirSync(folder);
    chownSync(folder, user.uid, user.gid);
    secret = join(workspace.dir, 'secret');
    rmSync(secret, { force: true });
    writeFileSync(secret, 'root only\n', { mode: 0o600 });
  });

  /** A folder of root's that nobody else works in. */
  function elsewhere(): string {
    const place = join(workspace.dir, randomBytes(4).toString('hex'));
    mkdirSync(place);
    return place;
  }

  async function run(
    module: string,
    values: Record<string, string>,
    content?: Uint8Array,
    selector = 'web',
  ): Promise<HostRun & { stdout: Buffer; stderr: string }> {
    const data = Buffer.from(content ?? '').toString('base64');
    const files = content === undefined ? {} : { data: { name: 'app.conf', data } };
    const { run: ended, hosts } = await runOn(rig.client, { module, selector, params: values, files });
    const [host] = hosts;
    if (!host) throw new Error('the run has no host');
    return {
      ...host,
      stdout: await outputOf(rig.client, ended.id, 0),
      stderr: (await outputOf(rig.client, ended.id, 0, 'stderr')).toString(),
    };
  }

  const own = (name: string, content: string, mode: number, by: { uid: number; gid: number } = user): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    chownSync(path, by.uid, by.gid);
    chmodSync(path, mode);
    return path;
  };
  const facts = (path: string) => {
    const { uid, mode } = statSync(path);
    return { uid, mode: (mode & 0o7777).toString(8) };
  };

  describe.each(whos)('as %s', (who) => {
    const uid = () => (who === 'root' ? 0 : user.uid);

    it('are copied whole, with their checksum, and nothing else is left', async () => {
      const content = Buffer.concat([Uint8Array.from({ length: 256 }, (_, i) => i), randomBytes(1_000_000)]);
      const to = join(folder, `a 'new' $(file) "名".conf`);
      const { state, exitCode, stdout, message } = await run(`put.${who}`, { to }, content);
      expect({ state, exitCode, message }).toEqual({ state: 'ok', exitCode: 0, message: null });
      expect(stdout.toString()).toBe(`${sha256(content)}  ${to}\n`);
      expect(readFileSync(to).equals(content)).toBe(true);
      expect(facts(to)).toEqual({ uid: uid(), mode: '644' });
      expect(readdirSync(folder)).toHaveLength(1);
    });

    it('keep owner and mode of what they replace', async () => {
      const to = own('app.conf', 'old\n', 0o600, who === 'root' ? owner : user);
      expect(await run(`put.${who}`, { to }, Buffer.from('new\n'))).toMatchObject({ state: 'ok' });
      expect(readFileSync(to, 'utf8')).toBe('new\n');
      expect(facts(to)).toEqual({ uid: who === 'root' ? owner.uid : user.uid, mode: '600' });
      expect(readdirSync(folder)).toEqual(['app.conf']);
    });

    it('get mode, owner, a backup, and a command afterwards', async () => {
      const to = own('app.conf', 'old\n', 0o604);
      const note = `'; echo "$(id)"`;
      const { state, stdout } = await run(`deploy.${who}`, { to, note }, Buffer.from('new\n'));
      const [sum, backup = '', ...after] = stdout.toString().split('\n');
      expect(state).toBe('ok');
      expect(sum).toBe(`${sha256(Buffer.from('new\n'))}  ${to}`);
      expect(after).toEqual([who === 'root' ? 'root' : user.name, note, 'new', '']);
      expect(facts(to)).toEqual({ uid: who === 'root' ? owner.uid : user.uid, mode: '640' });
      const kept = backup.replace(/^backup /, '');
      expect(kept).toMatch(/\/app\.conf\.~[\dTZ-]+~$/);
      expect(readFileSync(kept, 'utf8')).toBe('old\n');
      expect(facts(kept)).toEqual({ uid: user.uid, mode: '604' });
    });

    it.each([
      ['a symbolic link', () => symlinkSync(secret, join(folder, 'app.conf')), 'app.conf', /is a symbolic link/],
      ['a folder', () => mkdirSync(join(folder, 'app.conf')), 'app.conf', /exists and is not a file/],
      ['in no folder', () => {}, 'none/app.conf', /none/],
      ['behind a link', () => symlinkSync(elsewhere(), join(folder, 'link')), 'link/app.conf', /symbolic link/],
      [
        'where everybody may write',
        () => {
          mkdirSync(join(folder, 'open'));
          chmodSync(join(folder, 'open'), 0o777);
        },
        'open/app.conf',
        /writable for everybody/,
      ],
    ])('are not copied to a place that is %s', async (_what, prepare, name, message) => {
      prepare();
      const before = readdirSync(folder, { recursive: true });
      const ended = await run(`deploy.${who}`, { to: join(folder, name), note: '' }, Buffer.from('new\n'));
      expect(ended).toMatchObject({ state: 'failed', message: expect.stringMatching(message) });
      expect(ended.stdout.toString()).toBe('');
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
      expect(readFileSync(secret, 'utf8')).toBe('root only\n');
    });

    it.each(['app.conf', './app.conf', '/etc/../app.conf', '/tmp/a\nb', ''])('are not copied to %j', async (to) => {
      await expect(run(`put.${who}`, { to }, Buffer.from('new'))).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    });

    it('are fetched byte-exact, within the limit, and only if they are files', async () => {
      const content = randomBytes(300_000);
      const from = join(folder, `data $(id) '名`);
      writeFileSync(from, content);
      expect(await run(`get.${who}`, { from })).toMatchObject({ state: 'ok', exitCode: 0, stdout: content });
      const limited = await run(`peek.${who}`, { from });
      expect(limited).toMatchObject({
        state: 'failed',
        message: expect.stringContaining('larger than the limit of 1000'),
      });
      expect(limited.stdout).toHaveLength(0);
      for (const path of ['/dev/zero', folder, join(folder, 'none')]) {
        const { state, stdout, message } = await run(`get.${who}`, { from: path });
        expect({ state, size: stdout.length }).toEqual({ state: 'failed', size: 0 });
        expect(message).toMatch(/not a regular file|does not exist|No such file/);
      }
    });

    it('of others are fetched only by who may read them', async () => {
      const ended = await run(`get.${who}`, { from: secret });
      if (who === 'root') expect(ended.stdout.toString()).toBe('root only\n');
      else expect(ended).toMatchObject({ state: 'failed', message: expect.stringMatching(/permission denied/i) });
    });
  });

  describe('and somebody who is up to no good', () => {
    let attack: ChildProcess | undefined;

    /** Runs a line of shell over and over as this user. */
    function attackAs({ uid, gid }: LabUser, line: string): void {
      const source = `while :; do ${line}; done 2>/dev/null`;
      attack = spawn('sh', ['-c', source], { uid, gid, cwd: '/', stdio: 'ignore', detached: true });
    }
    async function stopAttack(): Promise<void> {
      if (!attack?.pid) return;
      const ended = once(attack, 'exit');
      process.kill(-attack.pid, 'SIGKILL');
      await ended;
    }

    it('cannot make root write to, show or give away another file by swapping names in the folder', async () => {
      const to = own('app.conf', 'old\n', 0o644);
      attackAs(
        user,
        `cd ${folder}; for f in .om-*; do [ -f "$f" ] && mv -f "$f" taken && ln -s ${secret} "$f"; done; ln -sfn ${secret} app.conf; rm -f app.conf; ln -f taken app.conf`,
      );
      const ends: string[] = [];
      for (let i = 0; i < 8; i++) ends.push((await run('deploy.root', { to, note: '' }, Buffer.from('new\n'))).state);
      await stopAttack();
      expect(readFileSync(secret, 'utf8')).toBe('root only\n');
      expect(facts(secret)).toEqual({ uid: 0, mode: '600' });
      // A second name of the attacker's own link shows nothing that the attacker may not see.
      const kept = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
      for (const { name } of kept) expect(readFileSync(join(folder, name), 'utf8')).not.toBe('root only\n');
      expect(ends.filter((state) => state !== 'ok' && state !== 'failed')).toEqual([]);
      rmSync(to, { force: true });
      expect(await run('deploy.root', { to, note: '' }, Buffer.from('new\n'))).toMatchObject({ state: 'ok' });
    });

    it('cannot make root copy another file than the planned one', async () => {
      attackAs(user, `for f in /tmp/om-files.*/*; do [ -O "$f" ] && ln -sfn ${secret} "$f"; done`);
      const to = join(folder, 'app.conf');
      for (let i = 0; i < 6; i++) {
        const { state } = await run('put.root', { to }, Buffer.from('new\n'));
        expect(['ok', 'failed']).toContain(state);
        const found = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
        expect(found.filter((text) => text !== 'new\n')).toEqual([]);
        const counted = await run('count.root', {}, Buffer.from('new\n'));
        if (counted.state === 'ok') expect(counted.stdout.toString().trim()).toBe('4');
        else expect(counted.state).toBe('failed');
      }
      await stopAttack();
    });
  });

  it('on their way to a user who cannot be reached are taken away again', async () => {
    const before = readdirSync('/tmp').filter((name) => name.startsWith('om-files.'));
    const ended = await run('count.root', {}, Buffer.from('new\n'), 'wrong');
    expect(ended).toMatchObject({ state: 'failed', message: expect.stringContaining('did not accept the password') });
    expect(readdirSync('/tmp').filter((name) => name.startsWith('om-files.') && !before.includes(name))).toEqual([]);
  });

  it('need SFTP on the host, and say so', async () => {
    const sshd = await startSshd({ config: ['Subsystem sftp /bin/false'] });
    const place = { name: 'no-sftp', address: sshd.address, port: sshd.port, user: user.name, credential: 'web' };
    await addHosts(rig.client, [place]);
    const ends = [
      await run('put.login', { to: join(folder, 'a') }, Buffer.from('x'), 'no-sftp'),
      await run('put.root', { to: join(folder, 'a') }, Buffer.from('x'), 'no-sftp'),
      await run('get.login', { from: secret }, undefined, 'no-sftp'),
    ];
    for (const { state, message } of ends)
      expect({ state, message }).toEqual({ state: 'failed', message: expect.stringMatching(/SFTP.*nothing was run/) });
    await sshd.stop();
  });
});
