import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
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
const taken = { error: null, final: false };
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
    const name = ['-subj', '/CN=mail.test', '-addext', 'subjectAltName=DNS:mail.test,IP:127.0.0.1'];
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
    expect(await send(`smtps://mail.test:${await smtp({ secure: true })}`)).toEqual(taken);
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
    expect(await send(`smtp://mail.test:${port}`)).toEqual(taken);
    const bare = await smtp({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    expect((await send(`smtp://mail.test:${bare}`)).error).toMatch(/^ETLS/);
    expect(await send(`smtp://mail.test:${bare}?tls=no`)).toEqual(taken);
    const other = { url: `smtp://mail.test:${bare}?tls=no`, email, message };
    const open = async () => [{ address: '8.8.8.8', family: 4 }];
    await expect(sendMail(other, { networks, resolve: open }, signal)).rejects.toThrow(AddressRefused);
    await expect(sendMail(other, { networks: [], resolve }, signal)).rejects.toThrow(AddressRefused);
  });

  it('believes no certificate of another name', async () => {
    const port = await smtp({ secure: true });
    expect((await send(`smtps://other.test:${port}`)).error).toMatch(/^E/);
    expect(await send(`smtps://127.0.0.1:${port}`)).toEqual(taken);
    const elsewhere = createServer((socket) => socket.pipe(connect(port, '127.0.0.1')).pipe(socket));
    const other = await freePort();
    elsewhere.listen(other, '127.0.0.2');
    try {
      await once(elsewhere, 'listening');
      expect((await send(`smtps://127.0.0.2:${other}`)).error).toMatch(/^E/);
    } finally {
      elsewhere.close();
    }
  });

  it('says by number what a server refuses, and never its words', async () => {
    const refused = (error: string, final: boolean) => ({ error, final });
    const open = await smtp({ secure: true });
    expect(await send(`smtps://mail.test:${open}`, { secret: 'wrong' })).toEqual(refused('EAUTH (SMTP 535)', false));
    const refusal = (code: number) => Object.assign(new Error('secret words'), { responseCode: code });
    let full = true;
    const busy = await smtp({ secure: true, onRcptTo: (_to, _session, done) => done(full ? refusal(452) : null) });
    expect(await send(`smtps://mail.test:${busy}`)).toEqual(refused('EENVELOPE (SMTP 452)', false));
    full = false;
    expect(await send(`smtps://mail.test:${busy}`)).toEqual(taken);
    const never = await smtp({ secure: true, onMailFrom: (_from, _session, done) => done(refusal(550)) });
    expect(await send(`smtps://mail.test:${never}`)).toEqual(refused('EENVELOPE (SMTP 550)', true));
    expect((await send(`smtps://mail.test:${await freePort()}`)).error).toBe('ECONNREFUSED');
  });

  it('does not wait for a server that drips, and leaves no connection behind', async () => {
    const closed = Promise.withResolvers<void>();
    const dripping = createServer((socket) => {
      const timer = setInterval(() => socket.write('220-welcome\r\n'), 20);
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    const port = await freePort();
    dripping.listen(port, '127.0.0.1');
    try {
      await once(dripping, 'listening');
      await expect(send(`smtp://mail.test:${port}`, { timeoutMs: 300 })).rejects.toMatchObject({
        name: 'TimeoutError',
      });
      await closed.promise;
    } finally {
      dripping.close();
    }
  });
});
