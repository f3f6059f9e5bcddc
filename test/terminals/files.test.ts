import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { maxListed } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { generateKey } from '../lab/keys.ts';
import { startShellServer } from '../lab/sshServer.ts';
import { waitFor } from '../lab/wait.ts';
import { addHosts } from '../runs/rig.ts';
import { codeOf, host, useFiles } from './fileRig.ts';

/** The requirement: what is taken away is gone everywhere within this time. */
const withinMs = 2000;

describe.skipIf(!has('sshd', 'useradd', 'bash'))('files of a server', () => {
  const { there, own, list, put, fetched, audited, person } = useFiles();

  it('are listed as the login user sees them: kinds, sizes, owners, where links lead; home first', async () => {
    const { rig, worker, folder } = there();
    own('a.log', 'twelve bytes', 0o640);
    mkdirSync(join(folder, 'sub'));
    symlinkSync('sub', join(folder, 'to-folder'));
    symlinkSync('nowhere', join(folder, 'to-nothing'));
    own('line\nbreak', '');
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/not-utf8-`), Buffer.from([0xff])]), '');
    const home = await worker.client.call('files.list', { host });
    expect(home).toMatchObject({ path: rig.user.home, login: rig.user.name, more: false });
    const { items } = await list(folder);
    const shown = items.map(({ name, kind, leadsTo, size, mode }) => [name, kind, leadsTo, size, mode.toString(8)]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['a.log', 'file', null, 12, '640'],
        ['sub', 'directory', null, expect.any(Number), '755'],
        ['to-folder', 'symlink', 'directory', expect.any(Number), '777'],
        ['to-nothing', 'symlink', null, expect.any(Number), '777'],
        ['line\nbreak', 'file', null, 0, '644'],
        ['not-utf8-\ufffd', 'file', null, 0, '644'],
      ]),
    );
    expect(items.find(({ name }) => name === 'a.log')?.owner).toBe(rig.user.name);
    expect((await list(join(folder, 'to-folder'))).path).toBe(join(folder, 'sub'));
    expect((await list(folder, { find: 'A.LO' })).items.map(({ name }) => name)).toEqual(['a.log']);
    expect((await audited(folder)).map(({ action }) => action)).toContain('files.list');
  });

  it('of a large folder are cut at a number and say so; a name beyond is found', async () => {
    const { folder } = there();
    for (let i = 0; i <= maxListed; i++) writeFileSync(join(folder, `f-${i}`), '');
    const all = await list(folder);
    expect(all.items).toHaveLength(maxListed);
    expect(all.more).toBe(true);
    const one = await list(folder, { find: `f-${maxListed}` });
    expect(one).toMatchObject({ items: [{ name: `f-${maxListed}` }], more: false });
  });

  it('no path leads elsewhere than it says, and what the server refuses is told with what it said', async () => {
    const { rig, worker, folder } = there();
    for (const path of ['etc', '../etc', '/etc/../root', '/etc/./x', '//etc', '/etc/', '/a\0b', '/a\ufffdb', ''])
      expect([path, await codeOf(list(path))]).toEqual([path, 'INVALID_PARAMS']);
    expect(await codeOf(list(join(folder, 'none')))).toBe('NOT_FOUND');
    expect(await codeOf(list('/root'))).toBe('HOST_REFUSED');
    expect(await codeOf(fetched('/etc/shadow'))).toBe('HOST_REFUSED');
    expect(await codeOf(fetched('/dev/zero'))).toBe('HOST_REFUSED');
    // What was asked for and refused is in the audit, too.
    const told = async (path: string) => (await audited(path)).map(({ action, outcome }) => `${action} ${outcome}`);
    expect(await told('/root')).toEqual(['files.list failed']);
    expect(await told('/etc/shadow')).toEqual(['files.read failed']);
    await expect(put('/etc/om-test', randomBytes(9))).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      message: 'Cannot open /etc/om-test: Permission denied',
    });
    expect(await codeOf(worker.client.call('files.list', { host: 'nobody' }))).toBe('NOT_FOUND');
    // It runs commands, and has no file transfer.
    const plain = await startShellServer({ hostKey: generateKey().privateKey, authorizedKeys: [rig.key.publicLine] });
    await addHosts(rig.admin.client, [
      { name: 'plain', address: plain.address, port: plain.port, user: 'x', credential: 'lab' },
    ]);
    await expect(worker.client.call('files.list', { host: 'plain' })).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      message: expect.stringContaining('Subsystem sftp'),
    });
    await plain.stop();
    await addHosts(rig.admin.client, [{ name: 'away', address: '127.77.0.1', port: 1, user: 'x', credential: 'lab' }]);
    await expect(worker.client.call('files.list', { host: 'away' })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('away: '),
    });
  });

  it('are renamed, given modes and removed; never over something, never more than one', async () => {
    const { rig, worker, folder } = there();
    const { client } = worker;
    const [sub, a] = [join(folder, 'sub'), own('a', 'text')];
    await client.call('files.makeFolder', { host, path: sub });
    expect(await codeOf(client.call('files.makeFolder', { host, path: sub }))).toBe('CONFLICT');
    const b = join(sub, 'b');
    await client.call('files.rename', { host, path: a, to: b });
    own('a', 'another');
    expect(await codeOf(client.call('files.rename', { host, path: a, to: b }))).toBe('CONFLICT');
    expect(readFileSync(b, 'utf8')).toBe('text');
    await client.call('files.setMode', { host, path: b, mode: 0o4751 });
    expect((statSync(b).mode & 0o7777).toString(8)).toBe('4751');
    symlinkSync(b, join(folder, 'link'));
    expect(await codeOf(client.call('files.setMode', { host, path: join(folder, 'link'), mode: 0 }))).toBe(
      'HOST_REFUSED',
    );
    expect(await codeOf(client.call('files.remove', { host, path: sub }))).toBe('CONFLICT');
    await client.call('files.remove', { host, path: join(folder, 'link') });
    await client.call('files.remove', { host, path: b });
    await client.call('files.remove', { host, path: sub });
    expect(readdirSync(folder)).toEqual(['a']);
    const told = await rig.admin.client.call('audit.list', { action: 'files.remove', limit: 5 });
    expect(told.items.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'failed']);
    expect((await audited(sub)).filter(({ action }) => action === 'files.changing')).toHaveLength(4);
    expect((await audited(b)).find(({ action }) => action === 'files.changing')?.details).toMatchObject({
      mode: 0o4751,
    });
  });

  it('on production nothing is changed before its name was typed', async () => {
    const { rig, worker } = there();
    const user = await rig.addUser('shop-1', { environment: 'production', shell: '/bin/bash' });
    const path = join(user.home, 'new');
    const { client } = worker;
    await client.call('files.list', { host: 'shop-1' });
    const change = { host: 'shop-1', path };
    for (const confirm of [undefined, 'shop-2'])
      expect(await codeOf(client.call('files.makeFolder', { ...change, confirm }))).toBe('CONFIRM_REQUIRED');
    expect(await codeOf(put(path, randomBytes(9), { host: 'shop-1' }))).toBe('CONFIRM_REQUIRED');
    expect(existsSync(path)).toBe(false);
    await client.call('files.makeFolder', { ...change, confirm: 'shop-1' });
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('who may not, cannot by any method; who loses the right is out at once, and nothing stays half', async () => {
    const { rig, folder } = there();
    const path = own('secret', 'for the login user');
    const [viewer, auditor] = [await person('viewer', 'viewer'), await person('auditor', 'auditor')];
    const place = { host, path };
    for (const { client } of [viewer, auditor])
      for (const work of [
        client.call('files.list', { host }),
        fetched(path, client),
        client.call('files.upload', { id: uuid(), ...place, size: 1 }),
        client.call('files.makeFolder', place),
        client.call('files.rename', { ...place, to: '/tmp/x' }),
        client.call('files.setMode', { ...place, mode: 0o777 }),
        client.call('files.remove', place),
      ])
        expect(await codeOf(work)).toBe('FORBIDDEN');

    const leaver = await person('leaver', 'operator');
    const half = join(folder, 'half');
    const id = uuid();
    await leaver.client.call('files.upload', { id, host, path: half, size: 10 });
    await leaver.client.call('files.write', { id, offset: 0, data: Buffer.from('12345').toString('base64') });
    expect(readdirSync(folder)).toHaveLength(2);
    const huge = own('huge', '');
    truncateSync(huge, 2_000_000_000);
    const reading = leaver.client.stream('files.read', { host, path: huge });
    await reading.next();
    const at = performance.now();
    await rig.admin.client.call('users.setRole', { name: 'leaver', role: 'viewer' });
    const end = async () => {
      for await (const _ of reading);
    };
    expect(await codeOf(end())).toBe('FORBIDDEN');
    await waitFor('the half file is gone', () => readdirSync(folder).sort().join() === 'huge,secret');
    expect(performance.now() - at).toBeLessThan(withinMs);
    expect(await codeOf(leaver.client.call('files.finish', { id }))).toBe('FORBIDDEN');
  });
});
