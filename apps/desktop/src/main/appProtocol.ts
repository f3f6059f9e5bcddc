import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { isOwn } from './address.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
/** Stands in the built index.html wherever a page's own nonce goes. */
const noncePlace = '__OM_NONCE__';

/** Answers for the packed web build below `root`: its files, and its page for every address that is none. */
export function createAppProtocol(root: string): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET' || !isOwn(url)) return new Response('', { status: 403, headers: headersOf(null) });
    const path = pathOf(url);
    if (path === null) return new Response('', { status: 400, headers: headersOf(null) });
    const isPage = extname(path) === '' || path === '/index.html';
    const file = isPage ? '/index.html' : path;
    const type = types[extname(file)];
    const content = type === undefined ? null : await readFile(join(root, ...file.split('/'))).catch(() => null);
    if (content === null || type === undefined) return new Response('', { status: 404, headers: headersOf(null) });
    if (!isPage)
      return new Response(new Uint8Array(content), { headers: { ...headersOf(null), 'content-type': type } });
    const nonce = randomBytes(16).toString('base64');
    const page = content.toString('utf8').replaceAll(noncePlace, nonce);
    return new Response(page, { headers: { ...headersOf(nonce), 'content-type': type, 'cache-control': 'no-store' } });
  };
}

/** Null for whatever could mean something other than a file below the root. */
function pathOf(url: string): string | null {
  try {
    const path = decodeURIComponent(new URL(url).pathname);
    const parts = path.split('/');
    const strange = path.includes('\\') || path.includes('\0') || (sep === '\\' && path.includes(':'));
    return strange || parts.some((part) => part === '..' || part === '.') ? null : path;
  } catch {
    return null;
  }
}

/** The page has no network at all: whatever it wants from a server goes over the bridge. */
function headersOf(nonce: string | null): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${nonce === null ? '' : ` 'nonce-${nonce}'`}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "connect-src 'none'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
