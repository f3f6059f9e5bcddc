import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOm, loginAdmin } from '../cli/om.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';

let server: TestServer;
let receiver: Server;
const received: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      received.push(Buffer.concat(parts).toString());
      response.end('{"errcode":0}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => receiver.once('listening', listening));
  server = await startServer({ env: { OM_LEGACY_AUDIT: '127.0.0.0/8', OM_ALERT_NETWORKS: '127.0.0.0/8' } });
});
afterAll(async () => {
  receiver?.close();
  await server?.stop();
});

it('a command that a starter rule finds becomes an alert, is sent, and is acknowledged with om', async () => {
  const om = createOm();
  try {
    await loginAdmin(om, server);
    // A server that listens on TCP has this kind of address.
    const { port } = receiver.address() as AddressInfo;
    const url = om.file('url', `http://127.0.0.1:${port}/robot/send?access_token=t`);
    const secret = om.file('secret', 'SECabc');
    await om.json([
      'audit',
      'targets',
      'add',
      'on-call',
      '--kind',
      'dingtalk',
      '--url-file',
      url,
      '--secret-file',
      secret,
    ]);
    expect(await om.json(['audit', 'targets', 'test', 'on-call'])).toEqual([{ error: null }]);
    const [rule] = await om.json(['--lang', 'zh', 'audit', 'rules', 'starter', 'remove-root']);
    expect(rule).toMatchObject({ name: '递归删除根目录或系统目录', severity: 'critical', enabled: true });
    // In the other language it is the same rule.
    expect(await om.json(['audit', 'rules', 'starter', 'remove-root'])).toEqual([]);
    expect(await om.json(['audit', 'rules', 'starter'])).toContainEqual(
      expect.objectContaining({ key: 'remove-root', added: true }),
    );
    const query = new URLSearchParams({
      ...{ history_id: '1', history_ip: '10.0.0.1', history_user: 'root' },
      ...{ history_datetime: '2026-11-22 08:00:00', history_command: 'rm -rf /' },
    });
    expect(await (await fetch(`${server.url}/omaudit/omaudit_pull/?${query}`)).text()).toBe('OK');
    const alert = await waitFor('the alert is raised', async () => (await om.json(['audit', 'alerts', 'list']))[0]);
    expect(alert).toMatchObject({ command: 'rm -rf /', user: 'root', hostName: '127.0.0.1', count: 1 });
    await waitFor('the alert is sent', () => received.length > 1);
    expect(JSON.parse(received[1] ?? '')).toMatchObject({
      msgtype: 'text',
      text: { content: expect.stringContaining('rm -rf /') },
    });
    const [found] = await om.json(['audit', 'rules', 'test', '--pattern', 'rm.*/$']);
    expect(found).toMatchObject({ looked: 1, searchedTo: null, items: [{ text: 'rm -rf /' }] });
    expect(await om.json(['audit', 'alerts', 'ack', String(alert?.id)])).toEqual([{ acknowledged: 1 }]);
    expect(await om.json(['audit', 'alerts', 'list'])).toEqual([]);
    expect((await om('audit', 'targets', 'list')).stdout).not.toMatch(/access_token|SECabc/);
    // Alerts show commands: that somebody looked is on record.
    expect(await om.json(['audit', 'list', '--action', 'alerts.list'])).not.toEqual([]);
    const acts = JSON.stringify(await om.json(['audit', 'list', '--family', 'alertTargets']));
    expect(acts).toContain('on-call');
    expect(acts).not.toMatch(/access_token|SECabc/);
  } finally {
    om.remove();
  }
});
