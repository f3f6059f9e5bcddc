import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../apps/server/src/db/database.ts';
import { enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { omserver, startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';

const script = fileURLToPath(new URL('../../docs/verify-proof.mjs', import.meta.url));

describe('the audit ledger of a server', () => {
  let server: TestServer;
  let workspace: Workspace;
  let admin: Operator;
  let publicKey: string;
  let eventId: string;

  beforeAll(async () => {
    server = await startServer();
    workspace = createWorkspace('ledger');
    admin = await enrolAdmin(server);
    const { client } = admin;
    for (const name of ['web-1', 'web-2', 'web-3'])
      await client.call('hosts.add', { host: { name, address: '127.0.0.1', user: 'ops' } });
    const { items } = await client.call('audit.list', { action: 'hosts.add' });
    eventId = items[0]?.id ?? '';
    await waitFor('it is in the ledger', async () => (await audit('prove', eventId)).code === 0 || null);
    publicKey = (await audit('key')).stdout.trim();
  });
  afterAll(async () => {
    admin?.client.close();
    await server?.stop();
    workspace?.remove();
  });

  const audit = (...args: string[]) => omserver(['audit', ...args], { OM_DATA_DIR: server.dataDir });
  const checkpoints = () => join(server.dataDir, 'ledger.checkpoints');
  const verifyProof = (file: string, key = publicKey) =>
    spawnSync(process.execPath, [script, file, key], { encoding: 'utf8' });

  it('is intact while the server runs, and says what it cannot know', async () => {
    const { code, stdout, stderr } = await audit('verify');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^intact; nothing is missing in between: \d+ events/),
    });
    expect(stderr).toContain('--pubkey');
    expect(stderr).toContain('--checkpoint');
  });

  it('proves an event to somebody who has the public key and nothing else', async () => {
    const file = join(workspace.dir, 'proof.json');
    expect(await audit('prove', eventId, '--file', file)).toMatchObject({ code: 0 });
    const told = execFileSync(process.execPath, [script, file, publicKey], { encoding: 'utf8' });
    expect(told).toMatch(/^PROVEN: action event \d+ of \d+ in block \d+, sealed /);
    expect(told).toContain(eventId);
  });

  it('proves nothing else', async () => {
    const { stdout } = await audit('prove', eventId);
    const proof = JSON.parse(stdout);
    const flipped = (hex: string) => `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`;
    const forged = {
      event: { ...proof, event: [...proof.event.slice(0, -1), '{"host":"other"}'] },
      salt: { ...proof, salt: flipped(proof.salt) },
      place: { ...proof, index: proof.index + 1 },
      path: { ...proof, path: [...proof.path, '0'.repeat(64)] },
      header: { ...proof, header: proof.header.replace('om-block-1', 'om-block-2') },
      signature: { ...proof, signature: Buffer.alloc(64).toString('base64') },
      part: { format: proof.format, header: proof.header },
      nothing: null,
    };
    for (const [what, value] of Object.entries(forged)) {
      const file = join(workspace.dir, `${what}.json`);
      writeFileSync(file, JSON.stringify(value));
      expect(verifyProof(file), what).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(/^NOT PROVEN/),
      });
    }
    const file = join(workspace.dir, 'true.json');
    writeFileSync(file, stdout);
    expect(verifyProof(file, Buffer.alloc(32, 7).toString('base64')).status).toBe(1);
    expect(verifyProof(file, 'abc').stderr).toBe('NOT PROVEN: abc is not a public key of 44 characters\n');
    expect(verifyProof(script).stderr).toBe(`NOT PROVEN: ${script} is no JSON file\n`);
    expect(verifyProof(file).status).toBe(0);
  });

  it('is verified for an auditor, who hears how far it is, and that is on record', async () => {
    const auditor = await enrolUser(admin, 'ann', 'auditor');
    const { client } = auditor;
    await waitFor('all is in blocks', async () => (await client.call('ledger.state', {})).unsealed === 0 || null);
    const state = await client.call('ledger.state', {});
    expect(state).toMatchObject({ publicKey, newest: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const events = [];
    for await (const event of client.stream('ledger.verify', { publicKey })) events.push(event);
    expect(events[0]).toEqual({ blocks: 0, of: expect.any(Number) });
    expect(events.at(-1)?.verdict).toMatchObject({ intact: true, complete: 'unknown', keyGiven: true, findings: [] });
    const { items } = await client.call('audit.list', { action: 'ledger.verify' });
    expect(items[0]).toMatchObject({ actorName: 'ann', details: { intact: true } });
    const { proof } = await client.call('ledger.prove', { event: eventId });
    const file = join(workspace.dir, 'asked.json');
    writeFileSync(file, proof);
    expect(verifyProof(file).status).toBe(0);
    const proved = await client.call('audit.list', { action: 'ledger.prove' });
    expect(proved.items).toMatchObject([{ actorName: 'ann', details: { event: eventId } }]);
    for (const params of [{ publicKey: 'abc' }, { checkpoints: 'hello' }]) {
      const asked = client.stream('ledger.verify', params)[Symbol.asyncIterator]();
      await expect(asked.next()).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    }
    client.close();
  });

  it('refuses what it cannot use', async () => {
    expect(await audit('prove', 'nobody')).toMatchObject({ code: 3, stderr: expect.stringContaining('nobody') });
    expect(await audit('verify', '--pubkey', 'abc')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--pubkey'),
    });
    expect(await audit('verify', '--checkpoint', '/nowhere')).toMatchObject({ code: 3 });
    const file = join(workspace.dir, 'no-checkpoint');
    writeFileSync(file, 'hello\n');
    expect(await audit('verify', '--checkpoint', file)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('line 1'),
    });
  });

  it('leaves a checkpoint when the server stops, against which a change and an old copy are found', async () => {
    const file = join(server.dataDir, 'omserver.db');
    const old = join(workspace.dir, 'old.db');
    const verify = () => audit('verify', '--checkpoint', checkpoints(), '--pubkey', publicKey);

    expect(await server.terminate()).toBe(0);
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^intact; complete/), stderr: '' });
    await onDatabase(file, (knex) => knex.raw('vacuum into ?', [old]));
    const invite = ['invite', '--role', 'viewer', '--file', join(workspace.dir, 'invite')];
    expect(await omserver(invite, { OM_DATA_DIR: server.dataDir })).toMatchObject({ code: 0 });
    await server.restart();
    expect(await server.terminate()).toBe(0);
    expect(await verify()).toMatchObject({ code: 0 });

    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    copyFileSync(old, file);
    expect(await audit('verify')).toMatchObject({ code: 0 });
    expect(await verify()).toMatchObject({ code: 2, stdout: expect.stringMatching(/^intact; NOT COMPLETE/) });

    await onDatabase(file, (knex) => knex('action_events').where({ id: eventId }).update({ actor_name: 'mallory' }));
    const says = `event ${eventId}: the event was changed`;
    expect(await verify()).toMatchObject({ code: 2, stdout: expect.stringContaining(says) });
    const proof = join(workspace.dir, 'changed.json');
    expect(await audit('prove', eventId, '--file', proof)).toMatchObject({ code: 0 });
    expect(verifyProof(proof).status).toBe(1);
  });
});

async function onDatabase(file: string, work: (knex: Database['knex']) => PromiseLike<unknown>): Promise<void> {
  const database = openDatabase({ kind: 'sqlite', file });
  await work(database.knex);
  await database.close();
}
