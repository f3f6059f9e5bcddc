import { type RpcNotification, type RpcResponse, rpcNotificationSchema, rpcResponseSchema } from '@omanager/contract';

export type FromServer = { response: RpcResponse } | { notification: RpcNotification; size: number };

/**
 * What one payload holds: a message or a batch. Notifications that this client does not know are left out (a newer
 * server may have more of them); anything else that is not JSON-RPC throws.
 */
export function readMessages(payload: Uint8Array): FromServer[] {
  const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  const items: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return items.flatMap((item): FromServer[] => {
    if (typeof item !== 'object' || item === null || !('method' in item)) {
      return [{ response: rpcResponseSchema.parse(item) }];
    }
    const { success, data } = rpcNotificationSchema.safeParse(item);
    return success ? [{ notification: data, size: payload.length / items.length }] : [];
  });
}
