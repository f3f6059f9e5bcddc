import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type UploadWish, uploadFile } from '@omanager/client';
import type { OmError, Role } from '@omanager/contract';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { enrolUser, type Operator } from '../lab/operators.ts';
import { type Rig, startRig } from '../runs/rig.ts';

/** The server on which files are looked at. */
export const host = 'h-001';
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
export const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: OmError) => error.code,
  );

/** A server with a folder of its login user, new for each test, and an operator at its files. */
export function useFiles() {
  let rig: Rig | undefined;
  let worker: Operator | undefined;
  const people: Operator[] = [];
  const there = () => {
    if (!rig || !worker) throw new Error('the rig is not there yet');
    return { rig, worker, folder: join(rig.user.home, 'files') };
  };

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, user: { shell: '/bin/bash' } });
    worker = await enrolUser(rig.admin, 'worker', 'operator');
    people.push(worker);
  });
  afterAll(async () => {
    for (const { client } of people) client.close();
    await rig?.stop();
  });
  beforeEach(() => {
    const { rig, folder } = there();
    mkdirSync(folder);
    chownSync(folder, rig.user.uid, rig.user.gid);
  });
  afterEach(() => rmSync(there().folder, { recursive: true, force: true }));

  return {
    there,
    async person(name: string, role: Role) {
      const one = await enrolUser(there().rig.admin, name, role);
      people.push(one);
      return one;
    },
    own(name: string, content: string | Uint8Array, mode = 0o644) {
      const { rig, folder } = there();
      const path = join(folder, name);
      writeFileSync(path, content);
      chmodSync(path, mode);
      chownSync(path, rig.user.uid, rig.user.gid);
      return path;
    },
    list: (path: string, more = {}) => there().worker.client.call('files.list', { host, path, ...more }),
    put: (path: string, bytes: Uint8Array, more: Partial<UploadWish> = {}) =>
      uploadFile({
        client: there().worker.client,
        ...{ host, path, size: bytes.length },
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        ...more,
      }),
    async fetched(path: string, client = there().worker.client) {
      const pieces: Buffer[] = [];
      for await (const { data } of client.stream('files.read', { host, path }))
        pieces.push(Buffer.from(data, 'base64'));
      return Buffer.concat(pieces);
    },
    async audited(path: string) {
      const { items } = await there().rig.admin.client.call('audit.list', { object: `file:${host}:${path}` });
      return items.reverse();
    },
  };
}
