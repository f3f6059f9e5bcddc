import { createFleet, fetchFile, readAhead, type Sftp, SftpError } from '@omanager/ssh-fleet';
import ssh2, { type SFTPWrapper } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKey, type KeyPair } from '../lab/keys.ts';
import { listenSsh, type SshServer } from '../lab/sshServer.ts';
import { soon } from './harness.ts';

const { STATUS_CODE } = ssh2.utils.sftp;
const attrs = { mode: 0o100644, uid: 0, gid: 0, size: 5, atime: 0, mtime: 0 };

type Answer = (sftp: SFTPWrapper, id: number) => void;

/** A server that says what no honest one would: nothing of it may lead elsewhere, grow without end or end the process. */
describe('files of a hostile server', () => {
  let server: SshServer;
  let readdir: Answer;
  let read: Answer;
  let sftp: Sftp;
  let end: () => Promise<void>;
  const keys: { host: KeyPair; user: KeyPair } = { host: generateKey(), user: generateKey() };

  beforeEach(async () => {
    server = await listenSsh({
      ...{ address: '127.0.0.1', port: 0, hostKeys: [keys.host.privateKey], authorizedKeys: [keys.user.publicLine] },
      onExec: ({ channel }) => channel.end(),
      onSftp: (wrapper) => {
        wrapper.on('error', () => {});
        wrapper.on('OPENDIR', (id) => wrapper.handle(id, Buffer.from('d')));
        wrapper.on('OPEN', (id) => wrapper.handle(id, Buffer.from('f')));
        wrapper.on('CLOSE', (id) => wrapper.status(id, STATUS_CODE.OK));
        for (const event of ['STAT', 'LSTAT', 'FSTAT'] as const)
          wrapper.on(event, (id: number) => wrapper.attrs(id, attrs));
        wrapper.on('READDIR', (id) => readdir(wrapper, id));
        wrapper.on('READ', (id) => read(wrapper, id));
      },
    });
    const fleet = createFleet({ async onFirstUse() {} });
    const target = {
      ...{ address: server.address, port: server.port, username: 'lab', via: [] },
      credential: { id: 'lab', version: 1, auth: { kind: 'key' as const, privateKey: keys.user.privateKey } },
      trust: { keys: [], revoked: [], firstUse: 'accept' as const },
    };
    const lease = await fleet.acquire(target, soon());
    sftp = await lease.sftp();
    end = async () => {
      sftp.end();
      lease.release();
      await fleet.close();
      await server.stop();
    };
  });
  afterEach(() => end());

  it.each(['../../x', 'a/b', '/etc/passwd', '', 'a\0b'])('the name %j fails the listing', async (filename) => {
    readdir = (wrapper, id) => wrapper.name(id, [{ filename, longname: '', attrs }]);
    await expect(sftp.readdir('/srv').next()).rejects.toBeInstanceOf(SftpError);
  });

  it('a name that no file can have fails the listing, and no word of a line without end is kept', async () => {
    readdir = (wrapper, id) => wrapper.name(id, [{ filename: 'n'.repeat(100_000), longname: '', attrs }]);
    await expect(sftp.readdir('/srv').next()).rejects.toBeInstanceOf(SftpError);
    const longname = `-rw-r--r-- 1 ${'o'.repeat(100_000)} group`;
    readdir = (wrapper, id) => wrapper.name(id, [{ filename: 'f', longname, attrs }]);
    const { value } = await sftp.readdir('/srv').next();
    expect(value).toMatchObject([{ name: 'f', owner: undefined, group: undefined }]);
  });

  it('a folder without end is left where the reader has enough', async () => {
    let asked = 0;
    readdir = (wrapper, id) => wrapper.name(id, [{ filename: `f${asked++}`, longname: 'what is this', attrs }]);
    let got = 0;
    for await (const piece of sftp.readdir('/srv')) {
      got += piece.length;
      expect(piece[0]).toMatchObject({ owner: 'this', group: undefined });
      if (got === 100) break;
    }
    expect(asked).toBe(100);
    expect((await sftp.stat('/srv')).kind).toBe('file');
  });

  it('more bytes than were asked for, an answer that is none, and a refusal without words do no harm', async () => {
    read = (wrapper, id) => wrapper.data(id, Buffer.alloc(200_000, 120));
    const file = await sftp.open('/srv/f', 'read');
    const piece = await file.read(0, 1000).catch((error: unknown) => error);
    if (piece instanceof Uint8Array) expect(piece.length).toBeLessThanOrEqual(1000);
    read = (wrapper, id) => wrapper.status(id, STATUS_CODE.FAILURE, '');
    await expect(file.read(0, 1000)).rejects.toBeInstanceOf(Error);
  });

  it('a file without end goes on only while it is read, and a small limit ends it', async () => {
    read = (wrapper, id) => wrapper.data(id, Buffer.alloc(32 * 1024, 120));
    const file = await sftp.open('/srv/f', 'read');
    let bytes = 0;
    for await (const piece of readAhead(file)) {
      bytes += piece.length;
      if (bytes > 1_000_000) break;
    }
    await expect(fetchFile(sftp, '/srv/f', { maxBytes: 100_000 })).rejects.toThrow('larger than the limit');
  });

  it('a file that comes a byte at a time takes no more memory than it is large', async () => {
    read = (wrapper, id) => wrapper.data(id, Buffer.alloc(1, 120));
    const before = process.memoryUsage().arrayBuffers;
    await expect(fetchFile(sftp, '/srv/f', { maxBytes: 10_000 })).rejects.toThrow('larger than the limit');
    // With every piece kept it was more than 300 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150_000_000);
  });
});
