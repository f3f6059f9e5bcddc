import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Guards } from './guards.ts';

export interface PlainAnswer {
  status: number;
  /** An object is sent as JSON, a text as it is. */
  body: object | string;
  retryAfterSeconds?: number;
}

/** What takes in events that agents send; the HTTP side knows no more of it. */
export interface AuditIntake {
  /** Before the body is read: who may not send does not make us keep a megabyte. Null when the body is wanted. */
  admit(headers: IncomingHttpHeaders, address: string): Promise<PlainAnswer | Admitted>;
  /** The original's GET; null: it is off. */
  legacy: ((query: URLSearchParams, address: string) => Promise<PlainAnswer>) | null;
}

export interface Admitted {
  take(body: Buffer): Promise<PlainAnswer>;
  /** The request is over, whatever came of it. */
  done(): void;
}

const maxBody = 1024 * 1024;

/** Routes for machines: they are known by their signature, so the name by which they call us does not matter. */
export function serveAudit(app: FastifyInstance, { guards, intake }: { guards: Guards; intake: AuditIntake }): void {
  app.register(async (scope) => {
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
      const status = error.statusCode ?? 500;
      const code = status === 413 ? 'TOO_LARGE' : status < 500 ? 'BAD_BATCH' : 'INTERNAL';
      const answered = status === 413 || status >= 500 ? status : 400;
      return send(reply, { status: answered, body: { code, message: 'The batch could not be read.' } });
    });
    const admitted = new WeakMap<object, Admitted>();
    scope.post(
      '/audit/v1/events',
      {
        bodyLimit: maxBody,
        config: { machines: true },
        async onRequest(request, reply) {
          const answer = await intake.admit(request.headers, guards.addressOf(request.raw));
          if ('status' in answer) return send(reply, answer);
          admitted.set(request, answer);
          reply.raw.once('close', answer.done);
          // It may have closed while we looked.
          if (reply.raw.closed || reply.raw.destroyed) answer.done();
        },
      },
      async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const answer = await admitted.get(request)?.take(body);
        return headOf(reply, answer ?? { status: 500, body: { code: 'INTERNAL', message: 'not admitted' } });
      },
    );
    const { legacy } = intake;
    if (!legacy) return;
    for (const path of ['/omaudit/omaudit_pull', '/omaudit/omaudit_pull/'])
      scope.get(path, { config: { machines: true } }, async (request, reply) => {
        const query = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1));
        return headOf(reply, await legacy(query, guards.addressOf(request.raw)));
      });
  });
}

/** Sets all but the body, which it gives back. */
function headOf(reply: FastifyReply, { status, body, retryAfterSeconds }: PlainAnswer): PlainAnswer['body'] {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  reply.code(status);
  return body;
}

const send = (reply: FastifyReply, answer: PlainAnswer) => reply.send(headOf(reply, answer));
