import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../apps/server/src/features/audit/delivery/formats.ts';
import { sendMail } from '../../apps/server/src/features/audit/delivery/mail.ts';
import { AddressRefused } from '../../apps/server/src/features/audit/delivery/post.ts';
import { has } from '../lab/have.ts';
import { freePort } from '../lab/ports.ts';
import { createWorkspace } from '../lab/workspace.ts';

const { signal } = new AbortController();
const networks = ['127.0.0.0/8'];
const message: Message = {
  ...{ id: '1', ruleName: 'sudoers\r\nBcc: eve@example.com', severity: 'critical', hostName: 'web-01', user: 'ada' },
  ...{ raisedAt: '2026-11-23T00:00:00.000Z', test: false, command: 'visudo # 权限' },
};
const email = { from: 'om@example.com', to: ['on-call@example.com', 'lead@example.com'], user: 'om' };

describe.skipIf(!has('openssl'))('an alert by e-mail', () => {
  const workspace = createWorkspace('mail');
  const mails: string[] = [];
  const servers: SMTPServer[] = [];
  let tls: { key: string; cert: string };

  beforeAll(() => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(workspace.dir, name)) as [string, string];
    const name = ['-subj', '/CN=mail.test', '-addext', 'subjectAltName=DNS:mail.test'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...name], { stdio: 'ignore' });
    tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(() => closed(null)))));
    workspace.remove();
  });

  async function smtp(options: SMTPServerOptions): Promise<number> {
    const server = new SMTPServer({
      ...tls,
      onAuth: ({ username, password }, _session, done) =>
        username === 'om' && password === 'Hunter2' ? done(null, { user: 'om' }) : done(new Error('no')),
      onData(stream, _session, done) {
        let text = '';
        stream.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
      ...options,
    });
    server.on('error', () => {});
    servers.push(server);
    const port = await freePort();
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
    return port;
  }

  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const send = (url: string, more: { secret?: string; timeoutMs?: number } = {}) =>
    sendMail(
      { url, secret: more.secret ?? 'Hunter2', email, message },
      { networks, resolve, ca: tls.cert, timeoutMs: more.timeoutMs ?? 10_000 },
      signal,
    );

  it('goes over TLS from the start, and says on the outside of a phone what it is about', async () => {
    expect(await send(`smtps://mail.test:${await smtp({ secure: true })}`)).toBeNull();
    const mail = mails.at(-1) ?? '';
    const [head = '', ...rest] = mail.split('\r\n\r\n');
    expect(head).toMatch(/^Subject: \[critical\] sudoers {2}Bcc: eve@example\.com: ada@web-01$/m);
    expect(head).toMatch(/^To: on-call@example\.com, lead@example\.com$/m);
    expect(head).not.toMatch(/^Bcc:/m);
    const body = rest.join('\r\n\r\n');
    // Quoted-printable (RFC 2045).
    const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_all, hex: string) => `%${hex}`);
    expect(decodeURIComponent(bytes)).toContain('visudo # 权限');
  });

  it('turns to TLS or is not sent, but for networks that are listed', async () => {
    const port = await smtp({});
    expect(await send(`smtp://mail.test:${port}`)).toBeNull();
    const bare = await smtp({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    expect(await send(`smtp://mail.test:${bare}`)).toMatch(/^ETLS/);
    expect(await send(`smtp://mail.test:${bare}?tls=no`)).toBeNull();
    const other = { url: `smtp://mail.test:${bare}?tls=no`, email, message };
    const open = async () => [{ address: '8.8.8.8', family: 4 }];
    await expect(sendMail(other, { networks, resolve: open }, signal)).rejects.toThrow(AddressRefused);
    await expect(sendMail(other, { networks: [], resolve }, signal)).rejects.toThrow(AddressRefused);
  });

  it('believes no certificate of another name', async () => {
    const port = await smtp({ secure: true });
    expect(await send(`smtps://other.test:${port}`)).not.toBeNull();
  });

  it('says by number what a server refuses, and never its words', async () => {
    expect(await send(`smtps://mail.test:${await smtp({ secure: true })}`, { secret: 'wrong' })).toBe(
      'EAUTH (SMTP 535)',
    );
    const refusal = (code: number) => Object.assign(new Error('secret words'), { responseCode: code });
    const full = await smtp({ secure: true, onRcptTo: (_to, _session, done) => done(refusal(452)) });
    expect(await send(`smtps://mail.test:${full}`)).toBe('EENVELOPE (SMTP 452)');
    const never = await smtp({ secure: true, onMailFrom: (_from, _session, done) => done(refusal(550)) });
    expect(await send(`smtps://mail.test:${never}`)).toBe('EENVELOPE (SMTP 550)');
    expect(await send(`smtps://mail.test:${await freePort()}`)).toMatch(/^E/);
  });

  it('does not wait for a server that says nothing', async () => {
    const silent = createServer(() => {}).listen(await freePort(), '127.0.0.1');
    try {
      await new Promise((listening) => silent.once('listening', listening));
      const address = silent.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const outcome = await send(`smtp://mail.test:${port}`, { timeoutMs: 300 }).catch((error: Error) => error.name);
      expect(['ETIMEDOUT', 'TimeoutError']).toContain(outcome);
    } finally {
      silent.close();
    }
  });
});
