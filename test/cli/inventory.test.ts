import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createOm, loginAdmin, type Om } from './om.ts';

let server: TestServer;
let om: Om;

beforeAll(async () => {
  server = await startServer();
  om = createOm();
  await loginAdmin(om, server);
});
afterAll(async () => {
  om?.remove();
  await server?.stop();
});

/** Everything a person sees, for a command that must succeed. */
async function shown(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await om(...args);
  expect([code, stderr], args.join(' ')).toEqual([0, '']);
  return stdout;
}

it('keeps servers: add, list, show, set, resolve, remove', async () => {
  const options = ['--user', 'deploy', '--environment', 'prod', '--label', 'role=www', '--group', 'web/www'];
  for (const name of ['web-01', 'web-02', 'web-03']) await shown('hosts', 'add', name, '10.0.1.1', ...options);
  const rows = (await shown('hosts', 'list', 'group:web')).trimEnd().split('\n');
  expect(rows).toHaveLength(4);
  expect(rows[1]).toMatch(/^web-01 {2}deploy@10\.0\.1\.1:22 {2}prod {2}default {2}none {8}web\/www {2}role=www$/);
  expect(await shown('hosts', 'set', 'web-03', '--environment', 'staging', '--port', '2222')).toContain(':2222');
  expect(await shown('hosts', 'resolve', 'web-[01-03]')).toMatch(/^3 servers: web-\[01-03\]\nprod 2, staging 1/);
  expect(await om.json(['hosts', 'resolve', 'env:staging'])).toMatchObject([{ total: 1, names: ['web-03'] }]);
  expect(await shown('hosts', 'remove', 'web-[02-03]', '--yes')).toBe('Removed 2 servers.\n');
  expect(await om.json(['hosts', 'list'])).toMatchObject([{ name: 'web-01' }]);
});

it('keeps servers under a name, which a run takes as its targets', async () => {
  await shown('hosts', 'add', 'set-01', '10.0.3.1', '--user', 'deploy');
  expect(await shown('sets', 'save', '测试 set', 'set-[01-09]')).toBe('Saved 测试 set: set-[01-09]\n');
  expect(await om.json(['sets', 'list'])).toMatchObject([{ name: '测试 set', selector: 'set-[01-09]' }]);
  const plan = await om.json(['plan', 'system.version', '-t', 'set:测试 set']);
  expect(plan).toMatchObject([{ selector: 'set-[01-09]', total: 1 }]);
  const unknown = await om('plan', 'system.version', '-t', 'set:nope');
  expect(unknown.stderr).toContain('There is no server set nope');
  expect(await shown('sets', 'remove', '测试 set')).toBe('Removed server set 测试 set.\n');
  await shown('hosts', 'remove', 'set-01', '--yes');
});

it('points at the place where a selector cannot be read', async () => {
  const { code, stderr } = await om('hosts', 'list', '系统 & & web');
  expect(code).toBe(3);
  const [, selector = '', mark = ''] = stderr.split('\n');
  expect(selector.trim()).toBe('系统 & & web');
  // The second & is at fault; before it, two wide characters are matched by two wide spaces.
  expect([...mark].indexOf('^')).toBe([...selector].indexOf('&') + 2);
  expect(mark).toContain('\u3000\u3000');
});

it('previews an import before it applies it', async () => {
  const file = om.file(
    'hosts.csv',
    'name,address,user,environment\nweb-01,10.0.1.9,deploy,prod\ndb-01,10.0.2.1,root,prod\n',
  );
  const preview = await om('hosts', 'import', file);
  expect(preview.code).toBe(0);
  expect(preview.stdout).toContain('+ db-01');
  expect(preview.stdout).toContain('~ web-01\n    address 10.0.1.1 → 10.0.1.9');
  expect(preview.stdout).toContain('1 to add, 1 to change, 0 to remove');
  expect(preview.stderr).toContain('--apply');
  expect((await om('hosts', 'show', 'db-01')).code).toBe(3);
  expect(await shown('hosts', 'import', file, '--apply')).toContain('Done: 1 added, 1 changed, 0 removed.');
  expect(await shown('hosts', 'show', 'db-01')).toContain('root@10.0.2.1:22');
  const broken = await om('hosts', 'import', om.file('broken.csv', 'name,address,user\n-x,10.0.0.1,root\n'), '--apply');
  expect([broken.code, broken.stdout.includes('line 2')]).toEqual([3, true]);
});

it('keeps groups as a tree', async () => {
  await shown('groups', 'add', 'db/master');
  expect(await shown('groups', 'assign', 'db/master', '-t', 'db-01')).toBe('1 server put into db/master.\n');
  await shown('groups', 'move', 'db/master', 'db/primary');
  expect(await shown('groups', 'list')).toContain('db  1\n└─ primary  1\n');
  expect(await shown('groups', 'assign', 'db/primary', '-t', 'db-01', '--out')).toContain('taken out');
  await shown('groups', 'remove', 'db', '--yes');
  expect(await shown('groups', 'list')).not.toContain('db');
});

it('keeps zones', async () => {
  await shown('zones', 'add', 'hk', '--title', '香港', '--jump', 'web-01', '--host-keys', 'accept');
  expect(await shown('zones', 'list')).toMatch(/hk +香港 +web-01 +accept +no limit +0/);
  await shown('zones', 'set', 'hk', '--jump', '', '--parallel', '5');
  expect(await shown('zones', 'list')).toMatch(/hk +香港 +direct +accept +5 +0/);
  await shown('zones', 'set', 'hk', '--parallel', 'none');
  expect(await om.json(['zones', 'list'])).toContainEqual(
    expect.objectContaining({ name: 'hk', title: '香港', jumpHosts: [] }),
  );
  expect((await om('zones', 'add', 'hk')).code).toBe(3);
  await shown('zones', 'remove', 'hk');
});

it('takes credentials from files only, and never shows them again', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const password = om.file('login-password', 'hunter22\n');
  await shown('credentials', 'add', 'by-password', '--password-file', password, '--sudo-password-file', password);
  const key = await om('credentials', 'add', 'by-key', '--key-file', om.file('key', pem));
  const list = await shown('credentials', 'list');
  expect(list).toMatch(/by-password +password +1 +yes +0/);
  if (key.code === 0) expect(list).toContain('SHA256:');
  expect(list).not.toContain('hunter22');
  expect((await om('credentials', 'add', 'x')).code).toBe(3);
  await shown('credentials', 'remove', 'by-password', '--yes');
});

it('shows an API token once', async () => {
  const secret = (await om('tokens', 'add', 'ci', '--role', 'viewer')).stdout.trim();
  expect(secret.length).toBeGreaterThan(20);
  expect(await shown('tokens', 'list')).not.toContain(secret);
  expect(await shown('tokens', 'show', 'ci')).toContain('viewer of admin');
  await shown('tokens', 'remove', 'ci');
  expect((await om('tokens', 'show', 'nothing')).code).toBe(3);
});

it('shows in the audit what was just done, and refusals', async () => {
  const events = await om.json(['audit', 'list', '--action', 'hosts.add']);
  expect(events.length).toBeGreaterThan(0);
  expect(events.at(-1)).toMatchObject({ actorName: 'admin', action: 'hosts.add', outcome: 'done' });
  expect(await shown('audit', 'list', '--limit', '5')).toMatch(/done {5}admin@127\.0\.0\.1/);
  expect(await shown('audit', 'timeline', '--user', 'admin')).toMatch(/action {2}admin@127\.0\.0\.1 {2}hosts\.add/);
  expect((await om('audit', 'timeline')).stderr).toContain('--host or --user');
});

it('has the ledger of the audit verified, and an event proven', async () => {
  const [event] = await om.json(['audit', 'list', '--action', 'hosts.add']);
  expect(await shown('audit', 'verify')).toMatch(/^intact, completeness unknown\n\d+ events in \d+ blocks/);
  const id = z.object({ id: z.string() }).parse(event).id;
  const proof = await waitFor('it is in the ledger', async () => {
    const { code, stdout } = await om('audit', 'prove', id);
    return code === 0 ? stdout : null;
  });
  expect(JSON.parse(proof)).toMatchObject({ format: 'om-proof-1' });
  expect(await om('audit', 'verify', '--pubkey', 'abc')).toMatchObject({ code: 3 });
});

it('follows the audit until Ctrl-C', async () => {
  const child = om.start('audit', 'list', '--follow', '--json', '--limit', '1');
  let seen = '';
  const followed = new Promise<void>((resolve) => {
    child.stdout?.on('data', (text: string) => {
      seen += text;
      if (seen.includes('followed-host')) resolve();
    });
  });
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  await shown('hosts', 'add', 'followed-host', '10.0.3.1', '--user', 'root');
  await followed;
  child.kill('SIGINT');
  expect((await child.done).code).toBe(0);
});

it('stops quietly when its reader has enough', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `bulk-${i},10.1.${i >> 8}.${i & 255},root`);
  await shown('hosts', 'import', om.file('bulk.csv', `name,address,user\n${lines.join('\n')}\n`), '--apply');
  const child = om.start('hosts', 'list', '--json');
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await child.done;
  expect([code, stderr]).toEqual([1, '']);
});
