import {
  deeperThan,
  fromRpcError,
  maxDepth,
  maxMessageBytes,
  OmError,
  type RpcId,
  type RpcResponse,
} from '@omanager/contract';

export interface Request {
  id: string | number;
  method: string;
  params: unknown;
  /** Not an answer to a person's call but the client's own: goes out before the session is resumed, is never resent. */
  own?: boolean;
  /** It signs somebody in: goes out while the others wait for just that. */
  signsIn?: boolean;
  /** Runs at once, before the next message is looked at. */
  onResult(result: unknown): void;
  onError(error: OmError): void;
}

interface Entry {
  readonly request: Request;
  readonly bytes: Uint8Array;
  sends: number;
}

export interface Calls {
  add(request: Request): void;
  /** The caller has lost interest; an answer that still comes is ignored. */
  drop(id: string | number): void;
  /** A connection is there; only own requests use it until `open`. */
  attach(send: (bytes: Uint8Array) => void): void;
  /** From now on calls that sign in go out, those that wait too. */
  openForSignIn(): void;
  /** Sends what is waiting, in order, and from now on everything at once. */
  open(): void;
  /** The connection is gone: own requests fail, the others wait for the next one. */
  detach(): void;
  answer(response: RpcResponse): void;
  /** Fails what was sent on this connection: the server will not take it, so resending would only repeat that. */
  failSent(error: OmError): void;
  failAll(error: OmError): void;
  readonly size: number;
}

export interface CallLimits {
  maxPending: number;
  maxPendingBytes: number;
  /** A call that was sent so often without an answer is given up. */
  maxSends: number;
}

/** The calls that have no answer yet, oldest first. */
export function createCalls({ maxPending, maxPendingBytes, maxSends }: CallLimits): Calls {
  const entries = new Map<RpcId, Entry>();
  let pendingBytes = 0;
  let link: ((bytes: Uint8Array) => void) | undefined;
  /** What the link carries beside own requests. */
  let carries: 'nothing' | 'signIns' | 'all' = 'nothing';

  function take(id: RpcId): Entry | undefined {
    const entry = entries.get(id);
    if (entry && entries.delete(id)) pendingBytes -= entry.bytes.length;
    return entry;
  }

  function transmit(entry: Entry): void {
    const { own, signsIn } = entry.request;
    if (!link || !(own || carries === 'all' || (signsIn && carries === 'signIns'))) return;
    if (entry.sends++ >= maxSends) {
      take(entry.request.id);
      entry.request.onError(new OmError('DISCONNECTED', `The connection was cut ${maxSends} times during this call.`));
    } else link(entry.bytes);
  }

  function fail(entry: Entry, error: OmError): void {
    take(entry.request.id);
    entry.request.onError(error);
  }

  return {
    add(request) {
      if (request.own && !link) return request.onError(new OmError('DISCONNECTED'));
      if (entries.has(request.id)) {
        return request.onError(new OmError('CALL_ID_REUSED', 'A call with this id is under way.'));
      }
      const bytes = encode(request);
      if (bytes instanceof OmError) return request.onError(bytes);
      if (entries.size >= maxPending || pendingBytes + bytes.length > maxPendingBytes) {
        return request.onError(new OmError('BUSY', 'Too many calls wait for an answer; try again shortly.'));
      }
      const entry = { request, bytes, sends: 0 };
      entries.set(request.id, entry);
      pendingBytes += bytes.length;
      transmit(entry);
    },
    drop: (id) => void take(id),
    attach(send) {
      link = send;
    },
    openForSignIn() {
      carries = 'signIns';
      for (const entry of [...entries.values()]) if (entry.request.signsIn) transmit(entry);
    },
    open() {
      if (carries === 'all') return;
      const before = carries;
      carries = 'all';
      for (const entry of [...entries.values()]) {
        // What signs in went out before.
        if (!entry.request.own && !(entry.request.signsIn && before === 'signIns')) transmit(entry);
      }
    },
    detach() {
      link = undefined;
      carries = 'nothing';
      for (const entry of [...entries.values()]) if (entry.request.own) fail(entry, new OmError('DISCONNECTED'));
    },
    answer(response) {
      const entry = take(response.id);
      if (response.error) entry?.request.onError(fromRpcError(response.error));
      else entry?.request.onResult(response.result);
    },
    failSent(error) {
      for (const entry of [...entries.values()]) if (entry.sends > 0) fail(entry, error);
    },
    failAll(error) {
      for (const entry of [...entries.values()]) fail(entry, error);
    },
    get size() {
      return entries.size;
    },
  };
}

function encode({ id, method, params }: Request): Uint8Array | OmError {
  const json = JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const bytes = new TextEncoder().encode(json);
  if (bytes.length > maxMessageBytes || deeperThan(json, maxDepth)) {
    return new OmError('TOO_LARGE', `${method} carries more than the server accepts (${maxMessageBytes} bytes).`);
  }
  return bytes;
}
