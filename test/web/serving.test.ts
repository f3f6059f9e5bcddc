import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../lab/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'om-web-'));
const root = join(folder, 'dist');
const script = `console.log('${'x'.repeat(5000)}');\n`;
const page = '<!doctype html><meta property="csp-nonce" nonce="__OM_NONCE__"><title>OManager</title>';
const proxy = '127.0.0.9';

let server: TestServer;

beforeAll(async () => {
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), page);
  writeFileSync(join(root, 'assets', 'main-abc123.js'), script);
  writeFileSync(join(root, 'sw.js'), '// worker\n');
  writeFileSync(join(folder, 'secret.js'), 'outside');
  symlinkSync(join(folder, 'secret.js'), join(root, 'link.js'));
  server = await startServer({ env: { OM_WEB_ROOT: root, OM_TRUSTED_PROXIES: proxy } });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Sends the path as it is: a URL parser would have made it harmless. */
async function get(path: string, headers: Record<string, string> = {}, options: object = {}): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port: server.port, path, headers, ...options });
  asked.end();
  const [response]: IncomingMessage[] = await once(asked, 'response');
  if (!response) throw new Error('no response');
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(await response.toArray()) };
}
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const directives = ({ headers }: Answer): Map<string, string> =>
  new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => [directive.split(' ')[0] ?? '', directive.slice(directive.indexOf(' ') + 1)]),
  );

it('serves the page with a strict policy and a nonce that is used once', async () => {
  const first = await get('/', html);
  expect(first.status).toBe(200);
  const policy = directives(first);
  const nonce = /nonce="([^"]+)"/.exec(first.body.toString())?.[1];
  expect(Object.fromEntries(policy)).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': `'self' 'nonce-${nonce}'`,
    'connect-src': `'self' ws://127.0.0.1:${server.port} wss://127.0.0.1:${server.port}`,
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'manifest-src': "'self'",
    'worker-src': "'self'",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
  });
  expect(first.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
  });
  expect((await get('/', html)).body.toString()).not.toContain(nonce);
});

it('answers the addresses of screens with the page, and nothing else with it', async () => {
  for (const path of [
    '/run',
    '/runs/812',
    '/runs/812?tab=output',
    '/servers/group/web%2Fwww',
    '/modules/system.version',
  ])
    expect((await get(path, html)).body.toString()).toContain('<title>OManager</title>');
  for (const path of ['/rpc', '/ws', '/assets/gone.js', '/favicon.ico'])
    expect((await get(path, html)).status).toBe(404);
  expect((await get('/run', { accept: 'application/json' })).status).toBe(404);
  expect((await get('/run', html, { method: 'POST' })).status).toBe(404);
  expect((await get('/health', html)).body.toString()).toBe('{"ok":true}');
});

it('keeps assets for ever and asks again for what has a fixed name', async () => {
  const asset = await get('/assets/main-abc123.js');
  expect(asset.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
  });
  expect(asset.body.toString()).toBe(script);
  const worker = await get('/sw.js');
  expect(worker.headers['cache-control']).toBe('no-cache');
  const again = await get('/sw.js', { 'if-none-match': String(worker.headers.etag) });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

it('compresses in the way that the client takes', async () => {
  const as = async (accepted: string) => get('/assets/main-abc123.js', { 'accept-encoding': accepted });
  const [br, gzip, none] = await Promise.all(['gzip, deflate, br', 'gzip;q=0.5, br;q=0', 'br;q=0'].map(as));
  expect(br?.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(br?.body ?? '').toString()).toBe(script);
  expect(gzip?.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip?.body ?? '').toString()).toBe(script);
  expect(none?.headers['content-encoding']).toBeUndefined();
  expect(none?.headers.vary).toBe('accept-encoding');
});

it('never leaves its folder', async () => {
  const up = [
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/..%5c..%5csecret.js',
  ];
  const odd = ['/link.js', '/%00/secret.js', '//etc/passwd', '/assets', `/${'a/'.repeat(2000)}x.js`];
  for (const path of [...up, ...odd]) {
    const { status, body } = await get(path);
    expect([path, status]).toEqual([path, 404]);
    expect(body.toString()).not.toContain('outside');
  }
  expect((await get('/%ff')).status).toBe(400);
});

it('stays behind the guards, and is not served in clear beyond this machine', async () => {
  expect((await get('/', { ...html, host: 'evil.example.com' })).status).toBe(421);
  expect((await get('/', { ...html, origin: 'https://evil.example.com' })).status).toBe(403);
  const forwarded = (proto: string) => ({ ...html, 'x-forwarded-proto': proto, 'x-forwarded-for': '203.0.113.9' });
  expect((await get('/', forwarded('https'), { localAddress: proxy })).status).toBe(200);
  for (const path of ['/', '/assets/main-abc123.js']) {
    const clear = await get(path, forwarded('http'), { localAddress: proxy });
    expect([clear.status, clear.body.toString()]).toEqual([403, expect.stringContaining('over TLS only')]);
  }
});

it('says how to build it when it is not there', async () => {
  await server.restart({ OM_WEB_ROOT: join(folder, 'nothing') });
  const { status, body } = await get('/', html);
  expect([status, body.toString()]).toEqual([404, expect.stringContaining('npm run build -w apps/web')]);
});
