import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Guards } from './guards.ts';
import type { WebFile, WebFiles } from './webFiles.ts';

interface Options {
  guards: Pick<Guards, 'protectedTransport'>;
  /** Null when the web app shall not be served. */
  files: WebFiles | null;
}

const notBuilt = 'The web app was not built. On a machine with the development packages: npm run build -w apps/web';
const notInClear =
  'The web app is served over TLS only, or on this machine itself: see "TLS and proxies" in docs/operating.md';
/** Stands in the built index.html wherever a page's own nonce goes. */
const noncePlace = '__OM_NONCE__';
/** Not pages, whoever asks. */
const notPages = new Set(['/rpc', '/ws']);

/** Serves the built client: its files, and for every other address that a browser opens its page, which finds the way. */
export function serveWebApp(app: FastifyInstance, { guards, files }: Options): void {
  app.get('/*', async (request, reply) => {
    const path = pathOf(request.url);
    const file = (await files?.file(path)) ?? null;
    const asksForPage =
      path === '/' || path === '/index.html' || (takesHtml(request) && !notPages.has(path) && !isFileName(path));
    if (!asksForPage && !file) return reply.code(404).send({ error: 'not found' });
    if (!guards.protectedTransport(request.raw)) return refuse(reply, 403, notInClear);
    const page = (await files?.page()) ?? null;
    if (!page) return refuse(reply, 404, notBuilt);
    return asksForPage || !file ? sendPage(request, reply, page) : sendFile(request, reply, file);
  });
}

/** Decoded, but never made shorter: what is not the name of a file that was built is no file. */
function pathOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? '/';
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A file that may be gone by now. Names with a dot further down are those of modules and servers. */
const isFileName = (path: string): boolean =>
  path.startsWith('/assets/') || (extname(path) !== '' && path.lastIndexOf('/') === 0);

const takesHtml = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') === true;

/** Never kept by anybody: it names the assets of this version, and carries a nonce of its own. */
function sendPage(request: FastifyRequest, reply: FastifyReply, page: WebFile) {
  const nonce = randomBytes(16).toString('base64');
  const html = page.content.toString('utf8').replaceAll(noncePlace, nonce);
  return withPolicy(request, reply, nonce).header('cache-control', 'no-store').type(page.type).send(html);
}

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile) {
  withPolicy(request, reply, null)
    .header('cache-control', file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', file.etag)
    .header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const { encoding, body } = await file.encoded(String(request.headers['accept-encoding'] ?? ''));
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.type(file.type).send(body);
}

function refuse(reply: FastifyReply, status: number, hint: string) {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${hint}\n`);
}

/**
 * Scripts, styles, pictures and connections of this server only, no frames. The component library writes its variables
 * into style elements: these have the page's nonce. The WebSocket is named as well, since older browsers do not take
 * 'self' for it; the host name has passed the guards.
 */
function withPolicy(request: FastifyRequest, reply: FastifyReply, nonce: string | null): FastifyReply {
  const { host = '' } = request.headers;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${nonce === null ? '' : ` 'nonce-${nonce}'`}`,
    `connect-src 'self' ws://${host} wss://${host}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return reply
    .header('content-security-policy', policy.join('; '))
    .header('x-frame-options', 'DENY')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cross-origin-resource-policy', 'same-origin')
    .header(
      'permissions-policy',
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), bluetooth=(), display-capture=()',
    );
}
