import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOm, loginWith } from '../cli/om.ts';
import { enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { addHosts } from '../runs/rig.ts';
import { recordLine } from '../store/commandsRig.ts';
import { createAgentDouble } from './agentDouble.ts';

let server: TestServer;
let admin: Operator;

beforeAll(async () => {
  server = await startServer({ env: { OM_LEGACY_AUDIT: '127.0.0.0/8' } });
  admin = await enrolAdmin(server);
});
afterAll(async () => {
  admin?.client.close();
  await server?.stop();
});

const post = (headers: Record<string, string>, body: Uint8Array | string) =>
  fetch(`${server.url}/audit/v1/events`, { method: 'POST', headers, body: Buffer.from(body) });

const wellFormed = (given: Record<string, string> = {}) => ({
  'content-type': 'text/tab-separated-values; charset=utf-8',
  'om-host': randomUUID(),
  'om-key': randomUUID(),
  'om-time': String(Math.floor(Date.now() / 1000)),
  'om-boot': randomUUID(),
  'om-first': '1',
  'om-signature': `v1=${createHmac('sha256', 'x').update('').digest('hex')}`,
  ...given,
});

describe('POST /audit/v1/events', () => {
  it('answers who has no key in the shape of docs/agent.md, by whatever name it is called', async () => {
    const answer = await post(wellFormed(), recordLine('x'));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ code: 'BAD_KEY', message: expect.any(String) });
    expect((await post({ 'content-type': 'application/json' }, '{}')).status).toBe(400);
    expect((await post(wellFormed({ origin: 'https://evil.example' }), 'x')).status).toBe(403);
  });

  it('is not moved by any body or header', async () => {
    for (let round = 0; round < 60; round++) {
      const junk = randomBytes(round * 37)
        .toString('latin1')
        .replace(/[^\x20-\x7e]/g, '');
      const name = ['om-host', 'om-first', 'om-time', 'om-signature', 'om-key', 'content-type'][round % 6] ?? 'om-key';
      const { status } = await post(wellFormed({ [name]: junk }), randomBytes(round * 91));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  it('writes refusals down, and not each of them', async () => {
    const events = await waitFor('the refusal is in the audit', async () => {
      const { items } = await admin.client.call('audit.list', { action: 'agent.batch' });
      return items.length > 0 ? items : undefined;
    });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ outcome: 'refused', code: 'BAD_KEY', actorKind: 'system' });
  });
});

const full = {
  history_id: '42',
  history_ip: '10.9.8.7',
  history_user: 'root',
  history_datetime: '2026-11-22 08:00:00',
  history_command: 'cat /etc/passwd? | grep 漢字 ?',
};

describe('the GET of the original', () => {
  /** A question mark need not be encoded. */
  const encoded = (query: Record<string, string>) => String(new URLSearchParams(query)).replaceAll('%3F', '?');
  const pull = (query: Record<string, string>) =>
    fetch(`${server.url}/omaudit/omaudit_pull/?${encoded(query)}`).then(async (answer) => ({
      status: answer.status,
      type: answer.headers.get('content-type'),
      text: await answer.text(),
    }));
  it('answers OK when it is stored, else which field is missing', async () => {
    expect(await pull(full)).toEqual({ status: 200, type: 'text/plain; charset=utf-8', text: 'OK' });
    for (const name of Object.keys(full))
      expect(await pull({ ...full, [name]: '' })).toMatchObject({ status: 200, text: `${name} null` });
    const { items } = await admin.client.call('commands.list', { signed: false });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      ...{ text: full.history_command, claimedUser: 'root', user: '', signed: false, outside: true, hostId: null },
      ...{ hostName: '127.0.0.1', address: '127.0.0.1', source: '10.9.8.7', session: '42', via: 'omaudit' },
    });
  });

  it('is refused beyond the networks that are named', async () => {
    await server.restart({ OM_LEGACY_AUDIT: '10.0.0.0/8' });
    expect(await pull(full)).toMatchObject({ status: 403 });
    await server.restart({ OM_LEGACY_AUDIT: '' });
    expect((await pull(full)).status).not.toBe(200);
  });
});

describe('the agents of servers', () => {
  it('are shown by om with their last word, spool and clock', async () => {
    await addHosts(admin.client, [{ name: 'web1', address: '127.0.0.1', user: 'lab' }]);
    const [host] = (await admin.client.call('hosts.list', {})).items;
    const double = await createAgentDouble(server, host?.id ?? '');
    const om = createOm();
    try {
      const { link } = await admin.client.call('invites.create', { role: 'auditor' });
      expect((await loginWith(om, link, 'ines')).code).toBe(0);
      expect((await om('audit', 'agents')).stdout).toMatch(/web1 +no word yet/);
      const text = 'version=1.1.0 waiting=2 kib=12 bound=65536 lost=4 offset=0';
      expect(await double.send(1, [recordLine(text, { kind: 'heartbeat' })])).toMatchObject({ status: 200 });
      expect((await om('audit', 'agents')).stdout).toMatch(
        /web1 +reports .* 12\.0 KiB of 64\.0 MiB, 4 lost .* 1\.1\.0, outdated/,
      );
      const [key] = await om.json(['audit', 'agents']);
      expect(key).toMatchObject({ hostName: 'web1', agent: { waiting: 2, lost: 4, silentSince: null } });
      expect(key?.troubles).toEqual(['lost', 'outdated']);
      const found = async (...asked: string[]) => (await om.json(['audit', 'agents', ...asked])).length;
      expect(await found('--trouble', 'any', '--host', 'WEB')).toBe(1);
      expect(await found('--trouble', 'silent')).toBe(0);
      expect(await found('--host', 'db')).toBe(0);
      expect((await om('audit', 'agents', '--trouble', 'moods')).code).toBe(3);
      await admin.client.call('agents.revoke', { id: String(key?.id) });
      expect((await om('audit', 'agents')).stdout).not.toContain('web1');
      expect((await om('audit', 'agents', '--all')).stdout).toMatch(/web1 +key operator/);
    } finally {
      om.remove();
    }
  });
});

describe('who looks at commands', () => {
  it('has to be allowed to, and is written down', async () => {
    const operator = await enrolUser(admin, 'olga', 'operator');
    const auditor = await enrolUser(admin, 'anna', 'auditor');
    await expect(operator.client.call('commands.list', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const { items } = await auditor.client.call('commands.list', { text: 'PASSWD' });
    expect(items).toHaveLength(1);
    await auditor.client.call('commands.around', { id: items[0]?.id ?? '' });
    const { items: seen } = await admin.client.call('audit.list', { family: 'commands', actor: 'anna' });
    expect(seen.map(({ action }) => action)).toEqual(['commands.around', 'commands.list']);
    expect(seen[1]?.details).toMatchObject({ text: 'PASSWD' });
    for (const _ of [1, 2]) {
      await auditor.client.call('audit.list', { family: 'vault' });
      await auditor.client.call('recordings.list', { userName: 'olga' });
    }
    await auditor.client.call('audit.list', { family: 'access' });
    const { items: looks } = await admin.client.call('audit.list', { actor: 'anna', limit: 3 });
    expect(looks.map(({ action, details }) => [action, details])).toEqual([
      ['audit.list', { family: 'access' }],
      ['recordings.list', { userName: 'olga' }],
      ['audit.list', { family: 'vault' }],
    ]);
    for (const { client } of [operator, auditor]) client.close();
  });

  it('sees them with om', async () => {
    const om = createOm();
    try {
      const { link } = await admin.client.call('invites.create', { role: 'auditor' });
      expect((await loginWith(om, link, 'otto')).code).toBe(0);
      const [event] = await om.json(['audit', 'search', 'passwd']);
      expect(event).toMatchObject({ text: full.history_command });
      const { stdout } = await om('audit', 'search', '--outside');
      expect(stdout).toContain(`root@127.0.0.1  ${full.history_command}  (outside, unsigned)`);
      const file = join(om.home, 'commands.jsonl');
      expect((await om('audit', 'export', '--save', file)).code).toBe(0);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(event);
    } finally {
      om.remove();
    }
  });
});
