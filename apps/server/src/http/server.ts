import type { IncomingMessage } from 'node:http';
import { errorCatalogue, OmError, rpcResponseSchema, toRpcError } from '@omanager/contract';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Actor } from '../rpc/actor.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { type AuditIntake, serveAudit } from './auditRoutes.ts';
import type { Guards } from './guards.ts';
import { serveWebApp } from './webApp.ts';
import type { WebFiles } from './webFiles.ts';

interface Options {
  guards: Guards;
  dispatcher: Dispatcher;
  /** The actor of a bearer token, or null when it is unknown, expired or revoked. */
  actorOfToken(secret: string, address: string): Promise<Actor | null>;
  upgrade(request: IncomingMessage, socket: import('node:stream').Duplex, head: Buffer): void;
  /** Null when every part works, else what does not. */
  ready(): Promise<string | null>;
  intake: AuditIntake;
  metrics(): Promise<string>;
  /** Bearer of GET /metrics; without one it answers loopback only. */
  metricsToken: string | null;
  tls: { cert: Buffer; key: Buffer } | null;
  /** The built web app; null when it shall not be served. */
  webFiles: WebFiles | null;
}

const rpcBodyLimit = 8 * 1024 * 1024;
const headersMs = 10_000;
const requestMs = 60_000;
const bearer = /^Bearer ([A-Za-z0-9_-]{20,200})$/;

/** The plain HTTP side: health, metrics, POST /rpc, the web app; upgrades go to the sealed endpoint. Nothing is listening yet. */
export function buildHttp(options: Options): FastifyInstance {
  const app: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: rpcBodyLimit,
    forceCloseConnections: true,
    // Few routes have a query, and those read it from the URL: it is not taken apart for all.
    routerOptions: { querystringParser: () => ({}) },
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs },
    ...(options.tls ? { https: options.tls } : {}),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', async (request, reply) => {
    const status = options.guards.refuse(request.raw);
    // Agents are known by their signature, and may call us by any name; a browser is not one of them.
    const named = status === 421 && 'machines' in request.routeOptions.config && request.headers.origin === undefined;
    if (status !== null && !named)
      return reply.code(status).send({ error: status === 421 ? 'unknown host name' : 'foreign origin' });
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
  });

  app.get('/health', async () => ({ ok: true }));
  app.get('/ready', async (_request, reply) => {
    const problem = await options.ready();
    return problem === null ? { ready: true } : reply.code(503).send({ ready: false, problem });
  });
  app.get('/metrics', async (request, reply) => {
    const allowed = options.metricsToken
      ? secretOf(request) === options.metricsToken
      : options.guards.fromHere(request.raw);
    if (!allowed) return reply.code(403).send({ error: 'metrics need their token' });
    return reply.type('text/plain; version=0.0.4').send(await options.metrics());
  });

  /** Before the body is read: who has no token may not make us keep megabytes. */
  async function requireToken(request: FastifyRequest, reply: FastifyReply) {
    if (!options.guards.protectedTransport(request.raw)) {
      return refuse(
        reply,
        new OmError('FORBIDDEN', 'A token is accepted over TLS only (or from this machine itself).'),
      );
    }
    const secret = secretOf(request);
    const actor = secret && (await options.actorOfToken(secret, options.guards.addressOf(request.raw)));
    if (!actor)
      return refuse(reply, new OmError('UNAUTHENTICATED', 'Send a valid API token as "Authorization: Bearer …".'));
  }

  app.post('/rpc', { onRequest: requireToken }, async (request, reply) => {
    const address = options.guards.addressOf(request.raw);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const actor = async () => {
      const now = await options.actorOfToken(secretOf(request) ?? '', address);
      if (!now) throw new OmError('UNAUTHENTICATED');
      return now;
    };
    const message = request.body instanceof Uint8Array ? request.body : '';
    const answer = await options.dispatcher.handle(message, { actor, connection: null }, gone.signal);
    if (answer === null) return reply.code(204).send();
    return reply.code(statusOf(answer)).type('application/json').send(answer);
  });

  serveAudit(app, { guards: options.guards, intake: options.intake });
  serveWebApp(app, { guards: options.guards, files: options.webFiles });

  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const code = status === 413 ? 'TOO_LARGE' : status < 500 ? 'INVALID_REQUEST' : 'INTERNAL';
    return refuse(reply, new OmError(code), status);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
  app.server.on('upgrade', options.upgrade);
  return app;
}

function secretOf({ headers }: FastifyRequest): string | undefined {
  return bearer.exec(headers.authorization ?? '')?.[1];
}

type Reply = { code(status: number): Reply; send(body: unknown): unknown };

function refuse(reply: Reply, error: OmError, status: number = errorCatalogue[error.code].http) {
  return reply.code(status).send({ jsonrpc: '2.0', id: null, error: toRpcError(error) });
}

/** A single refused call answers with its own status; a batch is always 200. */
function statusOf(answer: string): number {
  const single = rpcResponseSchema.safeParse(JSON.parse(answer));
  if (!single.success || !single.data.error?.data) return 200;
  const entry = Object.entries(errorCatalogue).find(([code]) => code === single.data.error?.data?.code);
  return entry?.[1].http ?? 500;
}
