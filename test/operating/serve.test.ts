import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiToken, enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { omserver, startServer, type TestServer } from '../lab/server.ts';

describe('omserver serve', () => {
  let server: TestServer;
  let admin: Operator;

  beforeAll(async () => {
    server = await startServer();
    admin = await enrolAdmin(server);
  });
  afterAll(async () => {
    admin?.client.close();
    await server?.stop();
  });

  it('answers health, readiness and metrics', async () => {
    const get = async (path: string) => {
      const answer = await fetch(`${server.url}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    expect(await get('/health')).toEqual({ status: 200, text: '{"ok":true}' });
    expect(await get('/ready')).toEqual({ status: 200, text: '{"ready":true}' });
    const metrics = await get('/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.text).toMatch(/^om_client_connections 1$/m);
  });

  it.each([
    { OM_MODULE_DIR: '/nowhere/modules' },
    { OM_TLS_CERT: '/nowhere/cert.pem', OM_TLS_KEY: '/nowhere/key.pem' },
  ])('names a setting that points nowhere, before it makes anything: %o', async (settings) => {
    const dataDir = join(server.dataDir, 'other');
    const { code, stderr } = await omserver(['serve'], { OM_DATA_DIR: dataDir, OM_PORT: '0', ...settings });
    const [[name, path] = []] = Object.entries(settings);
    expect([code, stderr]).toEqual([3, `omserver: ${name}: there is no ${path}\n`]);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('serves the same methods to an API token', async () => {
    const token = await apiToken(admin);
    const answer = await fetch(`${server.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'users.list', params: {} }),
    });
    expect(await answer.json()).toMatchObject({ result: { items: [{ name: 'admin', role: 'admin' }] } });
    expect(server.logs()).not.toContain(token);
  });

  it('lets in who was invited, with the power of their role', async () => {
    const viewer = await enrolUser(admin, 'vera', 'viewer');
    expect(await viewer.client.call('access.whoami', {})).toMatchObject({ userName: 'vera', role: 'viewer' });
    await expect(viewer.client.call('users.list', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    viewer.client.close();
  });

  it('wrote files that only their owner may read', () => {
    for (const name of ['.', 'server.key', 'master.key', 'omserver.db', 'omserver.db-wal', 'first-invite.txt']) {
      expect([name, statSync(join(server.dataDir, name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  it('holds its data folder alone', async () => {
    const second = await omserver(['serve'], { OM_DATA_DIR: server.dataDir, OM_PORT: '0' });
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`another omserver uses ${server.dataDir}; stop it first`);
  });

  it('keeps the invite out of the log, and takes its file away once there is a user', async () => {
    const link = server.firstInviteLink();
    const code = link?.split('.').at(-1) ?? '';
    expect(code.length).toBeGreaterThan(20);
    expect(server.logs()).toContain(join(server.dataDir, 'first-invite.txt'));
    expect(server.logs()).not.toContain(code);
    await server.restart();
    expect(server.firstInviteLink()).toBeNull();
    expect(await admin.client.call('access.whoami', {})).toMatchObject({ userName: 'admin' });
  });

  it('stops in order at SIGTERM', async () => {
    expect(await server.terminate()).toBe(0);
    expect(server.logs()).toMatch(/"msg":"stopped"\}\n$/);
    await server.restart();
  });
});
