import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import { outputOf, type Rig, runOn, startRig } from '../runs/rig.ts';

/** Through the whole product: OMServer, a real sshd, sudo. The agent stands below a folder of its own. */
describe.skipIf(!has('sshd', 'useradd', 'sudo'))('the audit agent, installed by OMServer', () => {
  let rig: Rig;
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = createWorkspace('audit-root', 0o755);
    mkdirSync(join(workspace.dir, 'etc'));
    rig = await startRig({
      hosts: 1,
      user: { sudo: 'nopasswd', sudoOptions: 'env_keep+=OM_AUDIT_ROOT' },
      sshd: { config: [`SetEnv OM_AUDIT_ROOT=${workspace.dir}`] },
    });
  });
  afterAll(async () => {
    try {
      execFileSync(join(workspace.dir, 'usr/local/lib/omanager-audit/forwarder'), ['stop'], { stdio: 'ignore' });
    } catch {
      // It is removed.
    }
    await rig?.stop();
    workspace?.remove();
  });

  async function run(module: string, params: Record<string, unknown> = {}) {
    const { run: ended, hosts } = await runOn(rig.client, { module, selector: '*', params });
    return { state: hosts[0]?.state, out: (await outputOf(rig.client, ended.id, 0)).toString() };
  }
  const keys = async () => (await rig.client.call('agents.list', { limit: 10 })).items;

  it('signs with a key of its own, which an operator never sees, and which removing it revokes', async () => {
    const plan = await rig.client.call('runs.plan', {
      module: 'audit.install',
      selector: '*',
      params: { url: 'http://127.0.0.1:9' },
    });
    expect(plan.script).toContain("om_agent_key='••••'");
    expect(await run('audit.install', { url: rig.server.url })).toMatchObject({
      state: 'ok',
      out: expect.stringContaining('forwarder: runs'),
    });
    const [key] = await keys();
    await waitFor('its first batch is taken', async () => (await keys())[0]?.lastSeenAt, 60_000);
    expect(await keys()).toHaveLength(1);
    // A second install replaces the key; the old one ends with the first use of the new one.
    expect((await run('audit.install', { url: rig.server.url })).state).toBe('ok');
    await waitFor('the new key is used', async () => (await keys())[0]?.lastSeenAt, 60_000);
    expect(await keys()).toMatchObject([{ revokedAt: null }, { id: key?.id, revokedFor: 'replaced' }]);
    const etc = join(workspace.dir, 'etc/omanager-audit');
    expect(readdirSync(etc).sort()).toEqual(['agent.conf', 'ipad', 'opad']);
    expect(readFileSync(join(etc, 'ipad'))).toHaveLength(64);
    expect((await run('audit.status')).state).toBe('ok');
    expect((await run('audit.remove')).state).toBe('ok');
    expect((await keys()).map(({ revokedFor }) => revokedFor)).toEqual(['removed', 'replaced']);
    expect((await run('audit.status')).state).toBe('failed');
  });
});
