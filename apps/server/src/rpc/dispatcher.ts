import {
  contract,
  type ErrorCode,
  type GatePermission,
  isGatePermission,
  isMethodName,
  type MethodDefinition,
  type MethodName,
  maxBatch,
  maxMessageBytes,
  OmError,
  type RolePermission,
  type RpcId,
  type RpcRequest,
  type RpcResponse,
  redact,
  rpcRequestSchema,
  toRpcError,
} from '@omanager/contract';
import { validate as isUuid } from 'uuid';
import { z } from 'zod';
import type { WriteAudit } from '../features/audit/writer.ts';
import { type Actor, callerOf, isSignedIn } from './actor.ts';
import type { Calls } from './calls.ts';
import type { AuditNote, AuthorizeObject, Call, ChangeCall, Committed, Connection, Handlers } from './handlers.ts';
import { parseMessage } from './parseMessage.ts';
import { createRefusals, type RefusalOptions } from './refusals.ts';
import { reportError } from './reportError.ts';
import { createEventWriter } from './writeEvents.ts';

/** Decides: may this actor do this to that? The only such function; everything that calls or streams asks it. */
export type Authorize = (actor: Actor, permission: RolePermission, object?: AuthorizeObject) => boolean;

export interface Caller {
  /** Resolved anew, so that a revoked session or a changed role counts at once. */
  actor(): Promise<Actor>;
  readonly connection: Connection | null;
  /** Opens a stream and answers its id; absent where streams cannot go (POST /rpc). */
  readonly openStream?: (name: MethodName, events: (signal: AbortSignal) => AsyncIterable<Uint8Array>) => string;
  readonly stopStream?: (id: string) => void;
}

export interface Dispatcher {
  /** Answers one JSON-RPC message or batch, text or its UTF-8; null when nothing is to be answered. */
  handle(message: string | Uint8Array, caller: Caller, signal: AbortSignal): Promise<string | null>;
}

interface Options extends RefusalOptions {
  handlers: Handlers;
  calls: Calls;
  authorize: Authorize;
  observe?: (method: string, outcome: 'ok' | ErrorCode, seconds: number) => void;
}

const tooLarge = new OmError('TOO_LARGE', 'The answer is larger than a message may be; ask for less at a time.');

type AnyHandler = (call: Call | ChangeCall, params: unknown) => unknown;

export function createDispatcher(options: Options): Dispatcher {
  const written = createEventWriter();
  const handlers = new Map<string, AnyHandler>(Object.entries(options.handlers) as [string, AnyHandler][]);
  const auditRefusal = createRefusals(options);

  return {
    async handle(message, caller, signal) {
      const parsed = parseMessage(message);
      if (parsed instanceof OmError) return JSON.stringify(failure(null, parsed));
      if (!Array.isArray(parsed)) {
        const response = await answer(parsed, caller, signal, false);
        const text = response && JSON.stringify(response);
        // The channel would refuse it, and the caller would wait for ever.
        if (text === null || caller.connection === null || Buffer.byteLength(text) <= maxMessageBytes) return text;
        return JSON.stringify(failure(response?.id ?? null, tooLarge));
      }
      if (parsed.length === 0 || parsed.length > maxBatch) {
        const message = `A batch holds 1 to ${maxBatch} calls.`;
        return JSON.stringify(failure(null, new OmError('INVALID_REQUEST', message)));
      }
      const responses: RpcResponse[] = [];
      // One after the other: a batch is for saving round trips, not for using the whole server at once.
      for (const item of parsed) {
        const response = await answer(item, caller, signal, true);
        if (response) responses.push(response);
      }
      return responses.length ? JSON.stringify(responses) : null;
    },
  };

  async function answer(
    raw: unknown,
    caller: Caller,
    signal: AbortSignal,
    inBatch: boolean,
  ): Promise<RpcResponse | null> {
    const envelope = rpcRequestSchema.safeParse(raw);
    if (!envelope.success) return failure(idOf(raw), new OmError('INVALID_REQUEST', messageOf(envelope.error)));
    const request = envelope.data;
    const id = request.id ?? null;
    const began = performance.now();
    let outcome: 'ok' | ErrorCode = 'ok';
    try {
      const result = await run(request, caller, signal, inBatch);
      return request.id === undefined ? null : { jsonrpc: '2.0', id, result };
    } catch (error) {
      const known = reportError(options.log, error, request.method);
      outcome = known.code;
      return request.id === undefined ? null : failure(id, known);
    } finally {
      options.observe?.(
        isMethodName(request.method) ? request.method : 'unknown',
        outcome,
        (performance.now() - began) / 1000,
      );
    }
  }

  async function run(request: RpcRequest, caller: Caller, signal: AbortSignal, inBatch: boolean): Promise<unknown> {
    const name = request.method;
    if (!isMethodName(name)) throw new OmError('METHOD_NOT_FOUND');
    const method: MethodDefinition = contract[name];
    const actor = await caller.actor();
    try {
      admit(actor, method, name);
      if (inBatch && method.alone) throw new OmError('FORBIDDEN', `${name} is not accepted inside a batch.`);
      const params = parseParams(method, request.params ?? {});
      if (name === 'stream.stop') {
        caller.stopStream?.(String(request.params?.stream));
        return { ok: true };
      }
      const handler = handlers.get(name);
      if (!handler) throw new OmError('METHOD_NOT_FOUND');
      return await dispatch(name, method, handler, { request, params, actor, caller, signal });
    } catch (error) {
      await auditRefusal(actor, method, name, request.params, error);
      throw error;
    }
  }

  async function dispatch(
    name: MethodName,
    method: MethodDefinition,
    handler: AnyHandler,
    {
      request,
      params,
      actor,
      caller,
      signal,
    }: { request: RpcRequest; params: unknown; actor: Actor; caller: Caller; signal: AbortSignal },
  ): Promise<unknown> {
    const call = createCall(actor, caller.connection, signal);
    switch (method.kind) {
      case 'query':
        return method.result.parse(await handler(call, params));
      case 'change': {
        const callId = request.id;
        if (typeof callId !== 'string' || !isUuid(callId)) throw new OmError('CALL_ID_REQUIRED');
        const { value } = (await handler(
          createChange(call, method, name, callId, params),
          params,
        )) as Committed<unknown>;
        return value;
      }
      case 'stream': {
        if (!caller.openStream) throw new OmError('STREAM_ONLY');
        const events = (streamSignal: AbortSignal) =>
          written(
            method.result,
            handler(createCall(actor, caller.connection, streamSignal), params) as AsyncIterable<unknown>,
          );
        return { stream: caller.openStream(name, events) };
      }
    }
  }

  function createCall(actor: Actor, connection: Connection | null, signal: AbortSignal): Call {
    return {
      actor,
      connection,
      signal,
      signedIn() {
        if (!isSignedIn(actor)) throw new OmError('UNAUTHENTICATED');
        return actor;
      },
      authorize(permission, object) {
        if (!options.authorize(actor, permission, object)) throw forbidden(permission);
      },
    };
  }

  function createChange(
    call: Call,
    method: MethodDefinition,
    name: string,
    callId: string,
    params: unknown,
  ): ChangeCall {
    const caller = callerOf(call.actor);
    const redacted = redact(params, method.secretParams ?? []);
    return {
      ...call,
      callId,
      async commit<R>(work: (tx: Parameters<WriteAudit>[0], note: AuditNote) => Promise<R>, act?: () => Promise<void>) {
        const repeated = async () =>
          (await options.calls.find(caller, callId, name, params)) as { result: R } | undefined;
        const before = await repeated();
        if (before) return { value: before.result } as Committed<R>;
        try {
          await act?.();
          const value = await options.db.transaction(async (tx) => {
            const note: AuditNote = {};
            const result = method.result.parse(await work(tx, note)) as R;
            const details = { ...(redacted as Record<string, unknown>), ...note.details };
            await options.audit(tx, { actor: call.actor, action: name, object: note.object, outcome: 'done', details });
            await options.calls.save(
              tx,
              { caller, callId, method: name, params, secret: method.secretResult ?? false },
              result,
            );
            return result;
          });
          options.audited?.();
          return { value } as Committed<R>;
        } catch (error) {
          // The same call came over two connections at once and the other one did it: this one failed because of that
          // (the same id, or an invite that is used up, a name that is taken).
          const after = await repeated();
          if (after) return { value: after.result } as Committed<R>;
          throw error;
        }
      },
    };
  }

  function admit(actor: Actor, method: MethodDefinition, name: string): void {
    const { permission } = method;
    if (isGatePermission(permission)) {
      if (passesGate(actor, permission)) return;
      if (actor.kind === 'anonymous') throw new OmError('NOT_ENROLLED');
      if (actor.kind === 'pending') throw new OmError('TOTP_REQUIRED');
      throw new OmError('FORBIDDEN', `${name} is not for a connection in this state.`);
    }
    if (actor.kind === 'anonymous') throw new OmError('NOT_ENROLLED');
    if (actor.kind === 'pending') throw new OmError('TOTP_REQUIRED');
    if (actor.kind === 'worker') throw new OmError('FORBIDDEN', `${name} is not for a zone worker.`);
    if (!isSignedIn(actor)) throw new OmError('UNAUTHENTICATED');
    if (!options.authorize(actor, permission)) throw forbidden(permission);
  }
}

function passesGate(actor: Actor, gate: GatePermission): boolean {
  switch (gate) {
    case 'enrol':
      return actor.kind === 'anonymous' || actor.kind === 'device';
    case 'signin':
      return actor.kind === 'device' || isSignedIn(actor);
    case 'totp':
      return actor.kind === 'pending';
    case 'worker':
      return actor.kind === 'worker';
  }
}

function parseParams(method: MethodDefinition, params: unknown): unknown {
  const result = method.params.safeParse(params);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new OmError('INVALID_PARAMS', messageOf(result.error), { problems });
}

function messageOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}

function forbidden(permission: RolePermission): OmError {
  return new OmError('FORBIDDEN', `This needs the permission ${permission}, which your role does not have.`, {
    permission,
  });
}

function failure(id: RpcId, error: OmError): RpcResponse {
  return { jsonrpc: '2.0', id, error: toRpcError(error) };
}

function idOf(raw: unknown): RpcId {
  const shape = z.object({ id: z.union([z.string().max(64), z.number()]) }).safeParse(raw);
  return shape.success ? shape.data.id : null;
}
