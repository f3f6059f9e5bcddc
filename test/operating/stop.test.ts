import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateKey } from '../lab/keys.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { type SshServer, startShellServer } from '../lab/sshServer.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, hostsOf, start } from '../runs/rig.ts';

describe('stopping in the middle of a run', () => {
  let host: SshServer;
  let server: TestServer;
  let admin: Operator;
  const folder = mkdtempSync(join(tmpdir(), 'om-stop-'));
  let n = 0;
  let begun = '';

  beforeAll(async () => {
    const key = generateKey();
    host = await startShellServer({ hostKey: generateKey().privateKey, authorizedKeys: [key.publicLine] });
    server = await startServer({ env: { OM_STOP_SECONDS: '3', OM_LEASE_SECONDS: '3' } });
    admin = await enrolAdmin(server);
    const { client } = admin;
    await client.call('credentials.add', { name: 'lab', secret: { kind: 'key', privateKey: key.privateKey } });
    await client.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept' } });
    const { address, port } = host;
    await client.call('hosts.add', { host: { name: 'h1', address, port, user: 'ops', credential: 'lab' } });
  });
  beforeEach(() => {
    begun = join(folder, `begun-${n++}`);
  });
  afterAll(async () => {
    admin?.client.close();
    await server?.stop();
    await host?.stop();
    rmSync(folder, { recursive: true });
  });

  async function running(command: string): Promise<string> {
    const params = { command: `: > '${begun}'; ${command}` };
    const { id } = await start(admin.client, { module: 'adhoc.command', selector: 'h1', params });
    await waitFor('the command runs', () => existsSync(begun));
    return id;
  }

  it('finishes the servers that end within the budget', async () => {
    const runId = await running('sleep 1; echo done');
    expect(await server.terminate()).toBe(0);
    await server.restart();
    expect(await finished(admin.client, runId)).toMatchObject({ state: 'succeeded' });
  });

  it('ends after the budget all the same, and what was running is never run again', async () => {
    const runId = await running('sleep 30');
    expect(await server.terminate()).toBe(0);
    rmSync(begun);
    await server.restart();
    await finished(admin.client, runId);
    const [only] = await hostsOf(admin.client, runId);
    expect(only).toMatchObject({ attempt: 1, state: expect.stringMatching(/^(lost|aborted)$/) });
    expect(existsSync(begun)).toBe(false);
  });

  it('ends at once at a second signal', async () => {
    await running('sleep 30');
    const stopped = server.terminate();
    await waitFor('it is stopping', () => server.logs().split('"msg":"stopping').length === 4);
    process.kill(server.pid, 'SIGTERM');
    expect(await stopped).toBe(143);
    await server.restart();
  });
});
