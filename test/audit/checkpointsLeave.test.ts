import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOm, loginWith, type Om } from '../cli/om.ts';
import { has } from '../lab/have.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { freePort } from '../lab/ports.ts';
import { omserver, startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { makeCertificate, type Receiver, syslogReceiver, webhookReceiver } from './checkpointReceivers.ts';

const token = 'the-token-in-the-address';

describe.skipIf(!has('openssl'))('checkpoints of a whole server', () => {
  const workspace = createWorkspace('checkpoints-leave');
  let server: TestServer;
  let admin: Operator;
  let om: Om;
  let ports: { syslog: number; webhook: number };
  let syslog: Receiver;
  let webhook: Receiver;
  let status = 204;
  let env: Record<string, string>;
  const certificate = has('openssl') ? makeCertificate(workspace.dir, 'localhost') : null;

  async function listen(): Promise<void> {
    if (!certificate) throw new Error('there is no openssl');
    syslog = await syslogReceiver(ports.syslog, certificate);
    webhook = await webhookReceiver(ports.webhook, () => status);
  }
  const away = () => Promise.all([syslog.close(), webhook.close()]);
  const targets = async () => (await admin.client.call('ledger.state', {})).targets;
  const blockOf = (text: string) => Number(/om-checkpoint-1 (\d+) /.exec(text)?.[1] ?? -1);
  const doctor = () => omserver(['doctor', '--json'], { OM_DATA_DIR: server.dataDir, ...env });

  beforeAll(async () => {
    ports = { syslog: await freePort(), webhook: await freePort() };
    await listen();
    env = {
      OM_CHECKPOINT_SYSLOG: `tls://localhost:${ports.syslog}`,
      OM_CHECKPOINT_WEBHOOK: `http://127.0.0.1:${ports.webhook}/hook?token=${token}`,
      OM_METRICS_TOKEN: 'metrics-token-of-the-test',
      NODE_EXTRA_CA_CERTS: certificate?.file ?? '',
    };
    server = await startServer({ env });
    admin = await enrolAdmin(server);
    om = createOm();
    const { link } = await admin.client.call('invites.create', { role: 'auditor' });
    expect((await loginWith(om, link, 'otto')).code).toBe(0);
  });
  afterAll(async () => {
    om?.remove();
    admin?.client.close();
    await server?.stop();
    await away();
    workspace.remove();
  });

  it('leave by all ways within seconds of the start, and everybody who looks sees that', async () => {
    await waitFor('all have one', async () => (await targets()).every(({ sent }) => sent !== null));
    expect(await targets()).toMatchObject([
      { kind: 'file', place: join(server.dataDir, 'ledger.checkpoints'), failure: null, behind: 0 },
      { kind: 'syslog', place: `tls://localhost:${ports.syslog}`, receipt: true, failure: null, behind: 0 },
      { kind: 'webhook', place: `http://127.0.0.1:${ports.webhook}`, failure: null, behind: 0 },
    ]);
    expect(blockOf(syslog.got[0] ?? '')).toBe(blockOf(webhook.got[0] ?? ''));
    expect(await om('audit', 'state')).toMatchObject({ code: 0 });
    expect((await doctor()).code).toBe(0);
  });

  it('are missed by whoever is away, and that is seen: where, since when, how far behind, what to do', async () => {
    await away();
    status = 503;
    webhook = await webhookReceiver(ports.webhook, () => status);
    await server.restart();
    const failing = await waitFor('both fail', async () => {
      const all = await targets();
      return all.filter(({ failure }) => failure !== null).length === 2 ? all : null;
    });
    expect(failing).toMatchObject([
      { kind: 'file', failure: null },
      { kind: 'syslog', failure: { what: 'unreachable', detail: 'ECONNREFUSED' } },
      { kind: 'webhook', failure: { what: 'answer', detail: 'HTTP 503' } },
    ]);
    for (const { kind, behind } of failing) expect(behind > 0, kind).toBe(kind !== 'file');

    const state = await om('audit', 'state');
    expect(state.code).toBe(2);
    expect(state.stdout).toMatch(/syslog tls:\/\/localhost:\d+: it cannot be reached \(ECONNREFUSED\) since /);
    expect(state.stdout).toContain('whether the address and its token are still right');
    expect((await om('audit', 'verify')).stderr).toContain('Checkpoints do not leave: webhook');
    const { code, stdout } = await doctor();
    expect(code).toBe(2);
    expect(stdout).toContain('it refused the checkpoint (HTTP 503)');
    const metrics = await fetch(`${server.url}/metrics`, {
      headers: { authorization: `Bearer ${env.OM_METRICS_TOKEN}` },
    });
    const shown = await metrics.text();
    expect(shown).toContain('om_checkpoint_failing{target="syslog"} 1');
    expect(shown).toContain('om_checkpoint_failing{target="file"} 0');
    expect(shown).toMatch(/om_checkpoint_behind\{target="webhook"\} [1-9]/);
    for (const text of [JSON.stringify(failing), state.stdout, stdout, shown, server.logs()])
      expect(text).not.toContain(token);
  });

  it('catch up with the newest when the others are back, without a restart', async () => {
    await webhook.close();
    status = 204;
    await listen();
    await waitFor('both recover', async () => (await targets()).every(({ failure }) => failure === null), 60_000);
    for (const { kind, behind, sent } of await targets()) {
      expect(behind, kind).toBe(0);
      if (kind === 'file') continue;
      expect(sent?.block).toBe(blockOf((kind === 'syslog' ? syslog : webhook).got.at(-1) ?? ''));
    }
    expect(await om('audit', 'state')).toMatchObject({ code: 0 });
  });

  it('are of use as they came: with the header of syslog, with the JSON of the webhook', async () => {
    const publicKey = (await omserver(['audit', 'key'], { OM_DATA_DIR: server.dataDir })).stdout.trim();
    for (const [name, { got }] of Object.entries({ syslog, webhook })) {
      const file = join(workspace.dir, name);
      writeFileSync(file, got.join('\n'));
      const asked = ['audit', 'verify', '--checkpoint', file, '--pubkey', publicKey];
      const verdict = await omserver(asked, { OM_DATA_DIR: server.dataDir });
      expect(verdict, name).toMatchObject({ code: 0, stdout: expect.stringMatching(/^intact; complete/), stderr: '' });
      const changed = got.join('\n').replace(/om-checkpoint-1 (\d+) (\w)/, (_all, block, digit) => {
        return `om-checkpoint-1 ${block} ${digit === '0' ? '1' : '0'}`;
      });
      writeFileSync(file, changed);
      expect(await omserver(asked, { OM_DATA_DIR: server.dataDir }), name).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('the checkpoint of this block is not signed by the key'),
      });
    }
    expect(existsSync(join(server.dataDir, 'ledger.checkpoints'))).toBe(true);
  });
});
