import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOm, loginAdmin, type Om } from '../cli/om.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { startSmtp, type TestSmtp } from '../lab/smtp.ts';

let server: TestServer;
let smtp: TestSmtp;
let other: TestSmtp;
let om: Om;
const signedIn: string[] = [];

beforeAll(async () => {
  smtp = await startSmtp({
    authOptional: false,
    onAuth({ username, password }, _session, done) {
      signedIn.push(`${username}:${password}`);
      if (username !== 'om' || password !== 'Hunter2') return done(new Error('no'));
      done(null, { user: username });
    },
  });
  other = await startSmtp();
  server = await startServer({ env: { OM_ALERT_NETWORKS: '127.0.0.0/8' } });
  om = createOm();
  await loginAdmin(om, server);
});
afterAll(async () => {
  om?.remove();
  await Promise.all([smtp?.close(), other?.close(), server?.stop()]);
});

const targets = (...args: string[]) => om.json(['audit', 'targets', ...args]);
const addressOf = (port: number) => om.file(`url-${port}`, `smtp://127.0.0.1:${port}?tls=no`);

it('an e-mail target is added and tried with om', async () => {
  const more = ['--from', 'om@example.com', '--to', 'ops@example.com', '--to', 'lead@example.com'];
  const half = await om(
    ...['audit', 'targets', 'add', 'ops', '--kind', 'email', '--url-file', addressOf(smtp.port)],
    ...[...more, '--user', 'om'],
  );
  expect(half.code).not.toBe(0);
  expect(half.stderr).toContain('both or neither');
  const secret = ['--user', 'om', '--secret-file', om.file('password', 'Hunter2')];
  const [added] = await targets(
    'add',
    'ops',
    '--kind',
    'email',
    '--url-file',
    addressOf(smtp.port),
    ...more,
    ...secret,
  );
  expect(added).toMatchObject({
    ...{ kind: 'email', origin: `smtp://127.0.0.1:${smtp.port}`, hasSecret: true },
    email: { from: 'om@example.com', to: ['ops@example.com', 'lead@example.com'], user: 'om' },
  });
  expect(await targets('test', 'ops')).toEqual([{ error: null }]);
  expect(smtp.mails.at(-1)).toMatch(/^To: ops@example\.com, lead@example\.com\r$/m);
});

it('sender and receivers are changed alone; what signs in stays', async () => {
  const [changed] = await targets('update', 'ops', '--to', 'night@example.com', '--from', 'alerts@example.com');
  expect(changed).toMatchObject({
    hasSecret: true,
    email: { from: 'alerts@example.com', to: ['night@example.com'], user: 'om' },
  });
  expect(await targets('test', 'ops')).toEqual([{ error: null }]);
  expect(smtp.mails.at(-1)).toMatch(/^From: alerts@example\.com\r$/m);
  expect(smtp.mails.at(-1)).toMatch(/^To: night@example\.com\r$/m);
});

it('another user or another address wants the password anew, and changes nothing until it has it', async () => {
  for (const more of [
    ['--user', 'another'],
    ['--url-file', addressOf(other.port)],
  ]) {
    const asked = await om('audit', 'targets', 'update', 'ops', ...more);
    expect(asked.code).not.toBe(0);
    expect(asked.stderr).toContain('pass --secret-file or --no-secret');
  }
  expect(await targets('test', 'ops')).toEqual([{ error: null }]);
  const wrong = om.file('wrong', 'wrong');
  await targets('update', 'ops', '--user', 'another', '--secret-file', wrong);
  const tested = await om('audit', 'targets', 'test', 'ops');
  expect(tested.stderr).toContain('EAUTH (SMTP 535)');
  expect(signedIn.at(-1)).toBe('another:wrong');
  await targets('update', 'ops', '--user', 'om', '--secret-file', om.file('password', 'Hunter2'));
  expect(await targets('test', 'ops')).toEqual([{ error: null }]);
});

it('nobody signs in any more, at another server; the old password goes nowhere', async () => {
  const [changed] = await targets('update', 'ops', '--url-file', addressOf(other.port), '--no-secret');
  expect(changed).toMatchObject({ hasSecret: false, origin: `smtp://127.0.0.1:${other.port}` });
  expect(changed?.email).toEqual({ from: 'alerts@example.com', to: ['night@example.com'] });
  const before = signedIn.length;
  expect(await targets('test', 'ops')).toEqual([{ error: null }]);
  expect(other.mails).toHaveLength(1);
  expect(signedIn).toHaveLength(before);
});

it('what does not go together is refused by name', async () => {
  await targets('add', 'hook', '--kind', 'webhook', '--url-file', om.file('hook', 'https://hook.example/'));
  const refused = async (...args: string[]) => (await om('audit', 'targets', 'update', ...args)).stderr;
  expect(await refused('hook', '--to', 'ops@example.com')).toContain('hook is no e-mail');
  expect(await refused('ops', '--user', 'om', '--no-secret')).toContain('Either --user or --no-secret');
  expect(await refused('ops', '--to', 'nobody')).toContain('email');
});
