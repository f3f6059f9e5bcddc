import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { startCuttingProxy } from '../lab/cuttingProxy.ts';
import { has } from '../lab/have.ts';
import { canView } from '../lab/view.ts';
import { waitFor } from '../lab/wait.ts';
import { codeOf, host, sha256, useFiles } from './fileRig.ts';

describe.skipIf(!has('sshd', 'useradd', 'bash'))('files put on a server and fetched from it', () => {
  const { there, own, put, fetched, audited, person } = useFiles();

  it('are put there whole and fetched byte for byte, with their hash in the audit', async () => {
    const { rig, folder } = there();
    const bytes = randomBytes(3_000_001);
    const path = join(folder, '报告 1.bin');
    const sent: number[] = [];
    expect(await put(path, bytes, { onSent: (count) => sent.push(count) })).toEqual({
      sha256: sha256(bytes),
      size: bytes.length,
    });
    expect(sent.at(-1)).toBe(bytes.length);
    expect(sent.length).toBeGreaterThan(5);
    expect(sha256(readFileSync(path))).toBe(sha256(bytes));
    expect(statSync(path).uid).toBe(rig.user.uid);
    expect(sha256(await fetched(path))).toBe(sha256(bytes));
    const told = (await audited(path)).map(({ action, outcome }) => `${action} ${outcome}`);
    expect(told).toEqual([
      'files.changing done',
      'files.upload done',
      'files.finish done',
      'files.read done',
      'files.sent done',
    ]);
    const [, , finish, , last] = await audited(path);
    expect(finish?.details).toMatchObject({ host, path, sha256: sha256(bytes), size: bytes.length });
    expect(last?.details).toMatchObject({ sha256: sha256(bytes), bytes: bytes.length });
    // Empty ones, and those whose size is not what they say.
    expect(await put(join(folder, 'empty'), new Uint8Array())).toMatchObject({ size: 0 });
    expect((await fetched(join(folder, 'empty'))).length).toBe(0);
    expect((await fetched('/proc/self/status')).toString()).toContain('Name:');
  });

  it('replace nothing unless that was asked, and keep the mode of what they replace', async () => {
    const path = own('conf', 'old', 0o600);
    expect(await codeOf(put(path, randomBytes(9)))).toBe('CONFLICT');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await put(path, Buffer.from('new'), { replace: true });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  });

  it('an upload takes each piece once, in order, no more than announced, and from nobody else', async () => {
    const { worker, folder } = there();
    const path = join(folder, 'parts');
    const id = uuid();
    const { client } = worker;
    const write = (offset: number, text: string, by = client) =>
      by.call('files.write', { id, offset, data: Buffer.from(text).toString('base64') });
    await client.call('files.upload', { id, host, path, size: 6 });
    expect(await write(0, 'abc')).toEqual({ received: 3 });
    expect(await write(0, 'xyz')).toEqual({ received: 3 });
    expect(await codeOf(write(4, 'e'))).toBe('CONFLICT');
    expect(await codeOf(write(3, 'defg'))).toBe('CONFLICT');
    expect(await codeOf(client.call('files.finish', { id }))).toBe('CONFLICT');
    const other = await person('other', 'operator');
    for (const work of [
      write(3, 'def', other.client),
      other.client.call('files.finish', { id }),
      other.client.call('files.cancel', { id }),
    ])
      expect(await codeOf(work)).toBe('NOT_FOUND');
    expect(existsSync(path)).toBe(false);
    await write(3, 'def');
    expect(await client.call('files.finish', { id })).toMatchObject({ size: 6 });
    expect(readFileSync(path, 'utf8')).toBe('abcdef');
  });

  it('given up, nothing of it stays, and the audit says so', async () => {
    const { folder } = there();
    const path = join(folder, 'half');
    const stop = new AbortController();
    const bytes = randomBytes(2_000_000);
    const putting = put(path, bytes, { signal: stop.signal, onSent: () => stop.abort() });
    await expect(putting).rejects.toThrow();
    await waitFor('nothing is left', () => readdirSync(folder).length === 0);
    await waitFor('its end is audited', async () =>
      (await audited(path)).some(({ action, outcome }) => action === 'files.ended' && outcome === 'failed'),
    );
  });

  it('come and go whole over a connection that is cut again and again', async () => {
    const { rig, worker, folder } = there();
    const proxy = await startCuttingProxy(rig.server.port);
    const client = worker.connect(proxy.port);
    const bytes = randomBytes(4_000_000);
    const path = join(folder, 'cut');
    const cutAt = (count: number) => proxy.arm({ direction: 'up', bytes: 100_000 + count });
    let cuts = 0;
    await put(path, bytes, { client, onSent: () => ++cuts <= 3 && cutAt(cuts) });
    expect(sha256(readFileSync(path))).toBe(sha256(bytes));
    const up = proxy.cuts;
    expect(up).toBeGreaterThan(0);
    const hash = createHash('sha256');
    for await (const { data } of client.stream('files.read', { host, path })) {
      hash.update(Buffer.from(data, 'base64'));
      if (proxy.cuts < up + 3) proxy.arm({ direction: 'down', bytes: 300_000 });
    }
    expect(hash.digest('hex')).toBe(sha256(bytes));
    expect(proxy.cuts).toBeGreaterThan(up);
    client.close();
    await proxy.stop();
  });

  // Needs the right to mount, as root in a machine of its own.
  it.skipIf(!canView())(
    'that find the disk full leave nothing, and the message names the file and what may be wrong',
    async () => {
      const { rig, folder } = there();
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=1m,uid=${rig.user.uid}`, 'tmpfs', folder]);
      try {
        await expect(put(join(folder, 'large'), randomBytes(3_000_000))).rejects.toMatchObject({
          code: 'HOST_REFUSED',
          message: expect.stringMatching(/^Cannot write .*\/large: .*disk may be full/),
        });
        await waitFor('nothing is left', () => readdirSync(folder).length === 0);
      } finally {
        execFileSync('umount', [folder]);
      }
    },
  );

  it('end with OMServer, which leaves nothing half on the server', async () => {
    const { rig, worker, folder } = there();
    const id = uuid();
    await worker.client.call('files.upload', { id, host, path: join(folder, 'half'), size: 10 });
    await worker.client.call('files.write', { id, offset: 0, data: Buffer.from('12345').toString('base64') });
    expect(readdirSync(folder)).toHaveLength(1);
    await rig.server.terminate();
    expect(readdirSync(folder)).toEqual([]);
    await rig.server.restart();
    await expect(worker.client.call('files.finish', { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that change while they are fetched are not mixed', async () => {
    const { worker } = there();
    const path = own('growing', 'first');
    const like = { size: 4, modifiedAt: new Date(0).toISOString() };
    const { client } = worker;
    const asked = client.stream('files.read', { host, path, after: 2, like });
    expect(await codeOf(asked.next())).toBe('CONFLICT');
  });
});
