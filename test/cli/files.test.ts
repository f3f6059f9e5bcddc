import { chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { createOm, loginWith, type Om } from './om.ts';

// Needs sshd and throw-away users: root on a machine with OpenSSH.
describe.skipIf(!has('sshd', 'useradd', 'bash'))('om files', () => {
  let rig: Rig;
  let om: Om;
  let folder: string;

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, user: { shell: '/bin/bash' } });
    om = createOm();
    const { link } = await rig.admin.client.call('invites.create', { role: 'operator' });
    await loginWith(om, link, 'worker');
    folder = join(rig.user.home, 'files');
    mkdirSync(folder);
    chownSync(folder, rig.user.uid, rig.user.gid);
  });
  afterAll(async () => {
    om?.remove();
    await rig?.stop();
  });

  it('puts, lists, fetches, renames, and removes; over nothing that is there', async () => {
    const here = om.file('conf', 'from here\n');
    const [done] = await om.json(['files', 'put', here, 'h-001:files/']);
    expect(done).toMatchObject({ host: 'h-001', path: join(folder, 'conf'), size: 10 });
    expect(readFileSync(join(folder, 'conf'), 'utf8')).toBe('from here\n');
    const again = await om('files', 'put', here, 'h-001:files/');
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('is there already. With --replace') });
    await om.json(['files', 'chmod', '640', 'h-001:files/conf']);
    expect((statSync(join(folder, 'conf')).mode & 0o777).toString(8)).toBe('640');
    const listed = await om('files', 'list', 'h-001:files');
    expect(listed.stdout).toMatch(/^-rw-r----- .* 10 B .* conf$/m);
    expect(listed.stderr).toContain(`@h-001:${folder}`);
    await om.json(['files', 'mv', 'h-001:files/conf', 'files/sub-name']);
    const [got] = await om.json(['files', 'get', 'h-001:files/sub-name']);
    expect(got).toMatchObject({ to: 'sub-name', bytes: 10 });
    expect(readFileSync(join(om.home, '..', 'sub-name'), 'utf8')).toBe('from here\n');
    expect(await om('files', 'get', 'h-001:files/sub-name')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is there already and is not overwritten'),
    });
    expect(await om('files', 'rm', 'h-001:files')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('not empty'),
    });
    expect((await om('files', 'rm', 'h-001:files/sub-name')).stdout).toContain('Removed');
    expect(await om('files', 'get', 'h-001:files/none', 'x')).toMatchObject({ code: 3 });
    rmSync(join(om.home, '..', 'sub-name'));
  });

  it('on production wants the name; a server that is not there is told apart', async () => {
    const user = await rig.addUser('shop-1', { environment: 'prod', shell: '/bin/bash' });
    writeFileSync(join(user.home, 'old'), '');
    chownSync(join(user.home, 'old'), user.uid, user.gid);
    const asked = await om('files', 'rm', 'shop-1:old');
    expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining('--confirm shop-1') });
    expect(await om('files', 'rm', 'shop-1:old', '--confirm', 'shop-2')).toMatchObject({ code: 3 });
    expect(await om('files', 'rm', 'shop-1:old', '--confirm', 'shop-1')).toMatchObject({ code: 0 });
    expect(await om('files', 'list', 'nobody')).toMatchObject({ code: 3 });
    await rig.sshd.stop();
    expect(await om('files', 'list', 'h-001:/etc')).toMatchObject({ code: 1 });
  });
});
