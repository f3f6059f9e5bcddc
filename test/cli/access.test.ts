import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, createWebSocketTransport, formatInvite, parseInvite } from '@omanager/client';
import { decodeKey, generateKeyPair } from '@omanager/secure-channel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { adminPassword } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { createOm, loginAdmin, loginWith, type Om } from './om.ts';

let server: TestServer;
let admin: Om;
let link: string;
const others: Om[] = [];

function another(): Om {
  const om = createOm();
  others.push(om);
  return om;
}

async function invite(...args: string[]): Promise<string> {
  const [made] = await admin.json(['users', 'invite', ...args]);
  return String(made?.link);
}

beforeAll(async () => {
  server = await startServer();
  link = server.firstInviteLink() ?? '';
  admin = createOm();
  await loginAdmin(admin, server);
});
afterAll(async () => {
  for (const om of [admin, ...others]) om?.remove();
  await server?.stop();
});

it('signs the first admin in from files alone, and stays signed in', async () => {
  const [me] = await admin.json(['whoami']);
  expect(me).toMatchObject({ userName: 'admin', role: 'admin', profile: '127.0.0.1' });
  const people = await admin('whoami');
  expect(people.stdout).toContain('admin (admin)');
  expect(people.stderr).toBe('');
});

it('keeps secrets in 0600 files and out of everything it prints', async () => {
  const file = join(admin.home, 'profiles', '127.0.0.1.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(admin.home, 'profiles'))).toEqual(['127.0.0.1.json']);
  const profile = JSON.parse(readFileSync(file, 'utf8'));
  for (const args of [['whoami'], ['profiles', 'list'], ['devices', 'list'], ['sessions', 'list']]) {
    const { stdout, stderr } = await admin(...args, '--json');
    for (const secret of [profile.session, profile.deviceKey.secretKey, adminPassword]) {
      expect(stdout + stderr).not.toContain(secret);
    }
  }
});

it('refuses a used invite, a wrong password, and an unknown profile with exit code 3', async () => {
  const late = another();
  const files = ['--link-file', late.file('link', link), '--password-file', late.file('pw', 'long enough 1')];
  const used = await late('login', ...files, '--user', 'eve', '--yes');
  expect([used.code, used.stdout]).toEqual([3, '']);
  expect(used.stderr).toContain('invite');
  const wrong = await admin('login', '--password-file', admin.file('wrong', 'not the password'));
  expect(wrong.code).toBe(3);
  expect((await admin('whoami', '--profile', 'elsewhere')).code).toBe(3);
  expect((await admin('login', '--password-file', admin.file('right', adminPassword))).code).toBe(0);
});

it('keeps enrolment and session when another sign-in on the same computer is refused', async () => {
  const om = another();
  await loginWith(om, await invite('--role', 'viewer'), 'kept', 'long enough 1');
  const files = ['--link-file', om.file('used', link), '--password-file', om.file('pw', 'long enough 1')];
  expect((await om('login', ...files, '--user', 'kept', '--yes')).code).toBe(3);
  expect((await om('login', '--password-file', om.file('wrong', 'not the password'))).code).toBe(3);
  expect(readdirSync(join(om.home, 'profiles'))).toEqual(['127.0.0.1.json']);
  expect(await om.json(['whoami'])).toMatchObject([{ userName: 'kept', role: 'viewer' }]);

  const again = ['--link-file', om.file('again', await invite('--user', 'kept'))];
  expect((await om('login', ...again, '--password-file', om.file('new', 'long enough 2'), '--yes')).code).toBe(0);
  expect(readdirSync(join(om.home, 'profiles'))).toEqual(['127.0.0.1.json']);
  expect(await om.json(['whoami'])).toMatchObject([{ userName: 'kept' }]);
});

it('gives up on a server that does not hold the key of the link', async () => {
  const om = another();
  const foreign = formatInvite({ ...parseInvite(await invite()), serverPublicKey: generateKeyPair().publicKey });
  const files = ['--link-file', om.file('link', foreign), '--password-file', om.file('pw', 'long enough 1')];
  const { code, stdout, stderr } = await om('login', ...files, '--user', 'eve', '--yes');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('another key');
});

it('lets a role do what it may and nothing else', async () => {
  const viewer = another();
  await loginWith(viewer, await invite('--role', 'viewer'), 'vera');
  expect((await viewer('hosts', 'list')).code).toBe(0);
  const refused = await viewer('hosts', 'add', 'x', '10.0.0.1', '--user', 'root', '--json');
  expect(refused.code).toBe(3);
  expect(JSON.parse(refused.stdout)).toMatchObject({ type: 'error', code: 'FORBIDDEN' });
});

it('takes a second factor', async () => {
  const om = another();
  await loginWith(om, await invite('--role', 'operator'), 'tom');
  const password = om.file('password', adminPassword);
  const begun = await om('totp', 'on', '--password-file', password, '--json');
  // Without a terminal to type the code on, om stops here; the test types it.
  expect(begun.code).toBe(3);
  const secret = String(JSON.parse(begun.stdout.split('\n')[0] ?? '{}').secret);
  const now = Date.now();
  await confirmTotp(om, totp(secret, now));

  const without = await om('login', '--password-file', password);
  expect(without.code).toBe(3);
  expect(without.stderr).toContain('--totp-file');
  const wrong = await om('login', '--password-file', password, '--totp-file', om.file('wrong', '000000'));
  expect(wrong.code).toBe(3);
  // A code is good once: the next step's is taken as well.
  const right = await om(
    'login',
    '--password-file',
    password,
    '--totp-file',
    om.file('totp', totp(secret, now + 30_000)),
  );
  expect(right.code).toBe(0);
  expect((await om.json(['whoami']))[0]).toMatchObject({ userName: 'tom', totp: true });
});

async function confirmTotp(om: Om, code: string): Promise<void> {
  const profile = JSON.parse(readFileSync(join(om.home, 'profiles', '127.0.0.1.json'), 'utf8'));
  const client = createClient({
    transport: createWebSocketTransport({ url: profile.url, open: (url, protocol) => new WebSocket(url, protocol) }),
    serverPublicKey: decodeKey(profile.serverKey),
    keyPair: {
      publicKey: decodeKey(profile.deviceKey.publicKey),
      secretKey: decodeKey(profile.deviceKey.secretKey),
    },
    session: () => profile.session,
  });
  await client.call('access.confirmTotp', { code }).finally(() => client.close());
}

it('signs out, and is then told to sign in', async () => {
  const om = another();
  await loginWith(om, await invite(), 'olga');
  expect((await om('logout')).code).toBe(0);
  const after = await om('whoami');
  expect(after.code).toBe(3);
  expect(after.stderr).toContain('om login');
});

it('is cut off when its device is revoked', async () => {
  const om = another();
  await loginWith(om, await invite(), 'rita');
  const [device] = await om.json(['devices', 'list', '--mine']);
  expect((await admin('devices', 'revoke', String(device?.id), '--yes')).code).toBe(0);
  const after = await om('whoami');
  expect(after.code).not.toBe(0);
  expect(after.stdout).toBe('');
});

it('ends with 1 and a reason when the server is away', async () => {
  const om = another();
  const gone = await startServer();
  await loginAdmin(om, gone);
  await gone.stop();
  const { code, stderr } = await om('whoami');
  expect(code).toBe(1);
  expect(stderr).toContain(`127.0.0.1:${gone.port}`);
});

/** RFC 6238 with SHA-1, six digits, 30 seconds. */
function totp(secret: string, at: number): string {
  const bits = [...secret]
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
