import { z } from 'zod';
import { errorCatalogue, isErrorCode, OmError } from './errors.ts';

/** JSON-RPC 2.0 envelopes (https://www.jsonrpc.org/specification). The id of a changing call is its idempotency key. */
export const rpcRequestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().min(1).max(64), z.int()]).optional(),
  method: z.string().min(1).max(64),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type RpcRequest = z.infer<typeof rpcRequestSchema>;
export type RpcId = string | number | null;

const rpcErrorSchema = z.object({
  code: z.number(),
  message: z.string(),
  data: z.object({ code: z.string(), details: z.record(z.string(), z.unknown()).optional() }).optional(),
});

export const rpcResponseSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]),
  result: z.unknown().optional(),
  error: rpcErrorSchema.optional(),
});
export type RpcResponse = z.infer<typeof rpcResponseSchema>;

/** The answer to a stream method; its events carry the same id. */
export const streamStartSchema = z.object({ stream: z.string().min(1).max(64) });

/** What the server sends unasked: stream events and stream ends. */
export const rpcNotificationSchema = z.discriminatedUnion('method', [
  z.object({
    jsonrpc: z.literal('2.0'),
    method: z.literal('stream.event'),
    params: z.object({ stream: z.string(), event: z.unknown() }),
  }),
  z.object({
    jsonrpc: z.literal('2.0'),
    method: z.literal('stream.end'),
    params: z.object({ stream: z.string(), error: rpcErrorSchema.optional() }),
  }),
]);
export type RpcNotification = z.infer<typeof rpcNotificationSchema>;

/** Most requests accepted in one batch. */
export const maxBatch = 100;
/** Deepest nesting accepted in a message. */
export const maxDepth = 64;
/** Largest plaintext of one sealed message in bytes, either way. */
export const maxMessageBytes = 8 * 1024 * 1024;

export function toRpcError(error: OmError): NonNullable<RpcResponse['error']> {
  const data = error.details ? { code: error.code, details: error.details } : { code: error.code };
  return { code: errorCatalogue[error.code].rpc, message: error.message, data };
}

export function fromRpcError(error: NonNullable<RpcResponse['error']>): OmError {
  const code = isErrorCode(error.data?.code) ? error.data.code : 'INTERNAL';
  return new OmError(code, error.message, error.data?.details);
}

/** True when brackets nest deeper than `limit`; looks at the text only, so it is safe before JSON.parse. */
export function deeperThan(json: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > limit) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}
