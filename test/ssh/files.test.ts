import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyFile, type DirectoryEntry, fetchFile, type Lease, type Sftp, SftpError } from '@omanager/ssh-fleet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canRunSshd, runOn, soon, useSshLab } from './harness.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

// Needs sshd and throw-away users: root on a machine with OpenSSH.
describe.skipIf(!canRunSshd)('files over SFTP', () => {
  const lab = useSshLab();
  let lease: Lease;
  let sftp: Sftp;
  let folder: string;

  beforeEach(async () => {
    folder = join(lab.user.home, 'files');
    mkdirSync(folder, { mode: 0o755 });
    chownSync(folder, lab.user.uid, lab.user.gid);
    lease = await lab.fleet().acquire(lab.target(), soon());
    sftp = await lease.sftp(soon());
  });
  afterEach(() => {
    sftp.end();
    lease.release();
    rmSync(folder, { recursive: true, force: true });
  });

  const own = (name: string, content: string, mode = 0o644) => {
    writeFileSync(join(folder, name), content, { mode });
    chmodSync(join(folder, name), mode);
    chownSync(join(folder, name), lab.user.uid, lab.user.gid);
    return join(folder, name);
  };
  const pieces = async (path: string) => {
    const all: DirectoryEntry[][] = [];
    for await (const piece of sftp.readdir(path)) all.push(piece);
    return all;
  };
  const refused = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SftpError);
    return error instanceof SftpError ? error.message : '';
  };

  it('are copied byte-exact with their mode, and nothing else is left behind', async () => {
    const content = Uint8Array.from({ length: 3_000_001 }, (_, index) => (index * 7 + (index >> 8)) & 255);
    const to = join(folder, 'app.conf');
    const copied = await copyFile(sftp, { source: content, to, mode: 0o640, sha256: sha256(content) });
    expect(copied).toEqual({ sha256: sha256(content), size: content.length });
    expect(readFileSync(to).equals(content)).toBe(true);
    expect(statSync(to).mode & 0o7777).toBe(0o640);
    expect(statSync(to).uid).toBe(lab.user.uid);
    expect(readdirSync(folder)).toEqual(['app.conf']);
  });

  it('are copied from a stream, and an empty one is a file too', async () => {
    async function* pieces() {
      const buffer = Buffer.alloc(100_000);
      for (let index = 0; index < 20; index++) yield buffer.fill(index);
    }
    const copied = await copyFile(sftp, { source: pieces(), to: join(folder, 'stream') });
    expect([copied.size, copied.sha256]).toEqual([2_000_000, sha256(readFileSync(join(folder, 'stream')))]);
    await copyFile(sftp, { source: new Uint8Array(), to: join(folder, 'empty') });
    expect(readFileSync(join(folder, 'empty')).length).toBe(0);
  });

  it('keep the mode of what they replace, and the old content where a backup is wanted', async () => {
    const to = own('app.conf', 'old', 0o600);
    const now = () => new Date('2026-11-22T09:30:00.123Z');
    const copied = await copyFile(sftp, { source: bytes('new'), to, backup: true, now });
    expect(copied.backup).toBe(`${to}.~2026-11-22T09-30-00-123Z~`);
    expect(readFileSync(copied.backup ?? '', 'utf8')).toBe('old');
    expect(readFileSync(to, 'utf8')).toBe('new');
    expect(statSync(to).mode & 0o7777).toBe(0o600);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('are whole at every moment for who reads the path meanwhile', async () => {
    const to = own('app.conf', 'a'.repeat(200_000));
    const seen = new Set<string>();
    let copying = true;
    const watch = async () => {
      while (copying) {
        const text = readFileSync(to, 'utf8');
        seen.add(`${text.length} ${[...new Set(text)].join('')}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const watching = watch();
    for (const letter of 'bcdef') await copyFile(sftp, { source: bytes(letter.repeat(200_000)), to });
    copying = false;
    await watching;
    for (const state of seen) expect(state).toMatch(/^200000 [a-f]$/);
  });

  it('are not put in place when they are not the ones that were planned, or when it is called off', async () => {
    const to = own('app.conf', 'old');
    expect(await refused(copyFile(sftp, { source: bytes('new'), to, sha256: sha256(bytes('planned')) }))).toMatch(
      /Plan again/,
    );
    const stop = new AbortController();
    async function* endless() {
      for (;;) {
        yield bytes('x'.repeat(50_000));
        stop.abort(new Error('called off'));
      }
    }
    await expect(copyFile(sftp, { source: endless(), to, signal: stop.signal })).rejects.toThrow('called off');
    expect(readFileSync(to, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['app.conf']);
  });

  it('refuse names that are no plain absolute path', async () => {
    for (const to of [
      'app.conf',
      '../../etc/x',
      `${folder}/../../x`,
      `${folder}/..`,
      `${folder}/`,
      `${folder}/a\0b`,
      '/',
      '',
    ])
      await refused(copyFile(sftp, { source: bytes('x'), to }));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuse a folder that is a symlink, leads through one, or that everybody may write to', async () => {
    const source = bytes('x');
    symlinkSync(folder, join(lab.user.home, 'link'));
    mkdirSync(join(folder, 'inner'));
    chownSync(join(folder, 'inner'), lab.user.uid, lab.user.gid);
    expect(await refused(copyFile(sftp, { source, to: join(lab.user.home, 'link', 'a') }))).toMatch(/symbolic link/);
    expect(await refused(copyFile(sftp, { source, to: join(lab.user.home, 'link', 'inner', 'a') }))).toContain(
      join(folder, 'inner'),
    );
    chmodSync(folder, 0o777);
    expect(await refused(copyFile(sftp, { source, to: join(folder, 'a') }))).toMatch(/writable for everybody/);
    chmodSync(folder, 0o1777);
    await copyFile(sftp, { source, to: join(folder, 'a') });
    rmSync(join(lab.user.home, 'link'));
  });

  it('never write through a symlink that stands at their path', async () => {
    const victim = own('victim', 'precious');
    symlinkSync(victim, join(folder, 'app.conf'));
    expect(await refused(copyFile(sftp, { source: bytes('new'), to: join(folder, 'app.conf') }))).toMatch(
      /symbolic link/,
    );
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('never write through a symlink that appears at their path meanwhile', async () => {
    const victim = own('victim', 'precious');
    const to = join(folder, 'app.conf');
    async function* whileAttacked() {
      yield bytes('new');
      symlinkSync(victim, to);
    }
    await copyFile(sftp, { source: whileAttacked(), to });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(lstatSync(to).isFile()).toBe(true);
    expect(readFileSync(to, 'utf8')).toBe('new');
  });

  it('notice that somebody swapped the file, or the folder, under their hands', async () => {
    const to = join(folder, 'app.conf');
    async function* swappedFile() {
      yield bytes('mine');
      const [temporary = ''] = readdirSync(folder);
      renameSync(join(folder, temporary), join(folder, 'stolen'));
      own(temporary, 'mine');
    }
    expect(await refused(copyFile(sftp, { source: swappedFile(), to }))).toMatch(/replaced by somebody/);
    expect(existsSync(to)).toBe(false);

    const elsewhere = join(lab.user.home, 'elsewhere');
    mkdirSync(elsewhere);
    async function* swappedFolder() {
      yield bytes('mine');
      renameSync(folder, join(lab.user.home, 'moved'));
      symlinkSync(elsewhere, folder);
    }
    await refused(copyFile(sftp, { source: swappedFolder(), to }));
    expect(readdirSync(elsewhere)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
    rmSync(join(lab.user.home, 'moved'), { recursive: true });
  });

  it('are never readable for others before they are in place', async () => {
    const modes: number[] = [];
    async function* watched() {
      yield bytes('secret');
      for (const name of readdirSync(folder)) modes.push(statSync(join(folder, name)).mode & 0o7777);
      yield bytes('secret');
    }
    await copyFile(sftp, { source: watched(), to: join(folder, 'a'), mode: 0o644 });
    expect(modes).toEqual([0o600]);
  });

  it('are fetched with their checksum, up to a limit', async () => {
    const path = own('log', 'line\n'.repeat(20_000), 0o640);
    const fetched = await fetchFile(sftp, path, { maxBytes: 100_000 });
    expect(Buffer.from(fetched.bytes).equals(readFileSync(path))).toBe(true);
    expect(fetched).toMatchObject({ sha256: sha256(readFileSync(path)), mode: 0o640, uid: lab.user.uid });
    expect(await refused(fetchFile(sftp, path, { maxBytes: 99_999 }))).toMatch(/larger than the limit/);
    expect(await refused(fetchFile(sftp, join(folder, 'none'), { maxBytes: 10 }))).toMatch(/No such file/);
  });

  it('are not fetched from pipes, devices and folders, nor without end', async () => {
    await runOn(lease, `mkfifo ${folder}/pipe`);
    for (const path of [join(folder, 'pipe'), '/dev/zero', folder])
      expect(await refused(fetchFile(sftp, path, { maxBytes: 10 }))).toMatch(/not a regular file/);
    // Its size is said to be 0 or a page, and its content is longer.
    expect(await refused(fetchFile(sftp, '/proc/self/status', { maxBytes: 10 }))).toMatch(/larger than the limit/);
  });

  it('say what the host refused', async () => {
    expect(await refused(sftp.open('/etc/shadow', 'read'))).toMatch(/open \/etc\/shadow: Permission denied/);
    expect(await refused(copyFile(sftp, { source: bytes('x'), to: '/etc/om-test' }))).toMatch(/Permission denied/);
  });

  it('are listed without . and .., and folders are made and removed', async () => {
    own('a', '1');
    symlinkSync('a', join(folder, 'b'));
    await sftp.mkdir(join(folder, 'c'));
    const list = (await pieces(folder)).flat();
    expect(list.map(({ name, stat }) => `${name} ${stat.kind}`).sort()).toEqual(['a file', 'b symlink', 'c directory']);
    expect(new Set(list.map(({ owner }) => owner))).toEqual(new Set([lab.user.name, 'root']));
    expect(await sftp.readlink(join(folder, 'b'))).toBe('a');
    await sftp.rmdir(join(folder, 'c'));
    await sftp.unlink(join(folder, 'b'));
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('of a large folder come in pieces, and one may stop after the first', async () => {
    for (let i = 0; i < 300; i++) own(`file ${i}`, '');
    const all = await pieces(folder);
    expect(all.flat()).toHaveLength(300);
    expect(all.length).toBeGreaterThan(1);
    for await (const piece of sftp.readdir(folder)) {
      expect(piece.length).toBeLessThan(300);
      break;
    }
    expect(await refused(sftp.readdir(join(folder, 'none')).next())).toMatch(/list .*No such file/);
  });

  it('are renamed and placed only where nothing is, when that is asked', async () => {
    const [a, b] = [own('a', 'old'), own('b', 'other')];
    expect(await refused(sftp.renameToNew(a, b))).toMatch(/rename/);
    expect(await refused(copyFile(sftp, { source: bytes('new'), to: a, replace: false }))).toMatch(/there already/);
    const c = join(folder, 'c');
    async function* late() {
      yield bytes('new');
      own('c', 'came meanwhile');
    }
    expect(await refused(copyFile(sftp, { source: late(), to: c, replace: false }))).toMatch(/rename/);
    expect(readFileSync(c, 'utf8')).toBe('came meanwhile');
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'c']);
    await sftp.renameToNew(a, join(folder, 'd'));
    expect(readFileSync(join(folder, 'd'), 'utf8')).toBe('old');
  });

  it('end with their channel: what is under way fails, and the place is free again', async () => {
    const reading = sftp.readdir('/usr/bin').next();
    sftp.end();
    await expect(reading).rejects.toMatchObject({ reason: 'closed' });
    await expect(sftp.stat('/')).rejects.toMatchObject({ reason: 'closed' });
    expect((await runOn(lease, 'echo next')).stdout).toBe('next\n');
  });
});
