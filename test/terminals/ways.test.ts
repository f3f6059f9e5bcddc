import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { has } from '../lab/have.ts';
import { enrolUser, type Operator } from '../lab/operators.ts';
import { type Sshd, startSshd } from '../lab/sshd.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { addHosts, type Rig, startRig } from '../runs/rig.ts';
import { finishedRecording, play, sit } from './rig.ts';

const canary = 'canary-42-of-what-was-shown';
/** Never shown: no echo. */
const password = 'canary-of-what-was-typed';

describe.skipIf(!has('sshd', 'useradd', 'bash'))('where a terminal leads, and what of it is on the disk', () => {
  let rig: Rig;
  let jump: Sshd;
  let worker: Operator;

  beforeAll(async () => {
    rig = await startRig({ hosts: 2, user: { shell: '/bin/bash' }, server: { env: { OM_RECORD_INPUT: 'true' } } });
    jump = await startSshd({ config: ['LogLevel DEBUG1'] });
    worker = await enrolUser(rig.admin, 'worker', 'operator');
    const { client, user } = rig;
    const place = { user: user.name, credential: 'lab' };
    await addHosts(client, [{ ...place, name: 'gate', address: jump.address, port: jump.port }]);
    await client.call('zones.save', { zone: { name: 'inner', hostKeyPolicy: 'accept', jumpHosts: ['gate'] } });
    await client.call('zones.save', { zone: { name: 'far', hostKeyPolicy: 'accept', reach: 'worker' } });
    const [address = ''] = rig.sshd.addresses;
    await addHosts(client, [
      { ...place, name: 'inner-1', address, port: rig.sshd.port, zone: 'inner' },
      { ...place, name: 'far-1', address, port: rig.sshd.port, zone: 'far' },
    ]);
  });
  afterAll(async () => {
    worker?.client.close();
    await jump?.stop();
    await rig?.stop();
  });

  it('goes through a jump host, says so to the audit, and ends when the way changes', async () => {
    const before = jump.log().match(/direct-tcpip/g)?.length ?? 0;
    const terminal = await sit(worker.client, 'inner-1');
    await terminal.type('echo through-$((40+2))\r');
    await terminal.sees('through-42');
    expect(jump.log().match(/direct-tcpip/g)?.length ?? 0).toBeGreaterThan(before);
    const { items } = await rig.client.call('audit.list', { object: `terminal:${terminal.id}` });
    expect(items.find(({ action }) => action === 'terminals.open')?.details).toMatchObject({ route: ['gate'] });
    await rig.client.call('zones.save', { zone: { name: 'inner', hostKeyPolicy: 'accept', jumpHosts: ['h-002'] } });
    const recording = await finishedRecording(rig.client, terminal.id);
    expect(recording).toMatchObject({ end: 'revoked', message: expect.stringMatching(/^How inner-1 is reached/) });
  });

  it('is refused where only a zone worker goes, by name, and leaves no recording', async () => {
    const opening = worker.client.call('terminals.open', { id: uuid(), host: 'far-1', cols: 80, rows: 24 });
    await expect(opening).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/^far-1 is in zone far, which only a zone worker reaches/),
    });
    expect((await rig.client.call('recordings.list', { host: 'far-1' })).items).toEqual([]);
  });

  it('what was shown and typed is nowhere on the disk in clear, though it plays', async () => {
    const terminal = await sit(worker.client, 'h-001');
    await terminal.type(`printf '%s-%s\\n' canary $((40+2))-of-what-was-shown; read -rs secret; echo taken\r`);
    await terminal.sees(canary);
    await terminal.type(`${password}\r`);
    await terminal.sees(/\ntaken/);
    await terminal.type('exit\r');
    await terminal.ended();
    await finishedRecording(rig.client, terminal.id);
    const { file } = await play(rig.client, terminal.id);
    expect(file).toContain(canary);
    expect(file).toContain(password);

    const { dataDir } = rig.server;
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const found = (text: string) =>
      files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text)).map(({ name }) => name);
    // What is not sealed is found, so that what is not found is not there.
    expect(found('far-1')).not.toEqual([]);
    expect([found(canary), found(password)]).toEqual([[], []]);
    const log = rig.server.logs();
    expect([log.includes(canary), log.includes(password)]).toEqual([false, false]);

    // It is compressed first: that alone would hide it as well.
    const copies = createWorkspace('copies');
    for (const { name, parentPath } of files)
      if (name.startsWith('omserver.db')) copyFileSync(join(parentPath, name), join(copies.dir, name));
    const db = openDatabase({ kind: 'sqlite', file: join(copies.dir, 'omserver.db') });
    const stored: Buffer[] = await db
      .knex('recording_chunks')
      .where({ recording_id: terminal.id })
      .pluck('sealed')
      .finally(() => db.close());
    copies.remove();
    expect(stored.length).toBeGreaterThan(0);
    for (const sealed of stored)
      for (let from = 0; from < 128; from++) expect(inflated(sealed.subarray(from))).not.toContain('canary');
  });

  it('the same is shown to a looker-on who comes late, and after a cut', async () => {
    const terminal = await sit(worker.client, 'h-001');
    await terminal.type('echo early-$((40+2))\r');
    await terminal.sees('early-42');
    let seen = '';
    let at = 0;
    const watch = async (after: number | undefined, until: string) => {
      const params = { id: terminal.id, ...(after === undefined ? {} : { after }) };
      for await (const event of rig.client.stream('terminals.watch', params)) {
        expect(event.offset).toBe(at);
        const data = Buffer.from(event.data, 'base64');
        seen += data.toString();
        at += data.length;
        if (seen.includes(until)) return;
      }
    };
    await watch(undefined, 'early-42');
    await terminal.type('echo late-$((40+2))\r');
    await terminal.sees('late-42');
    await watch(at, 'late-42');
    await waitFor('all of it', () => terminal.received >= at);
    expect(terminal.text().slice(0, seen.length)).toBe(seen);
    await terminal.type('exit\r');
    await terminal.ended();
  });
});

/** As far as it is something that was deflated. */
function inflated(data: Buffer): string {
  try {
    return inflateRawSync(data, { finishFlush: 2 }).toString('latin1');
  } catch {
    return '';
  }
}
