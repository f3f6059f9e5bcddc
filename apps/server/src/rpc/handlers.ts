import type {
  ChangeName,
  MethodName,
  ParamsOf,
  QueryName,
  ResultOf,
  RolePermission,
  StreamName,
} from '@omanager/contract';
import type { Tx } from '../db/database.ts';
import type { Actor, SignedIn } from './actor.ts';

declare const committed: unique symbol;
/** A result that came out of `commit`: only so may a changing handler answer. */
export type Committed<R> = { readonly value: R; readonly [committed]: true };

/** What a connection can be told by the handlers of sign-in. */
export interface Connection {
  /** The far side's long-term key, base64url. */
  readonly publicKey: string;
  readonly address: string;
  /** From now on the calls of this connection act within this session. */
  attach(session: { id: string } | null): void;
  /** The password was right; the session begins with the second factor. */
  attachPending(userId: string | null): void;
}

export interface Call {
  readonly actor: Actor;
  /** The connection, or null for POST /rpc. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
  /** The signed-in caller; UNAUTHENTICATED otherwise. */
  signedIn(): SignedIn;
  /** Throws FORBIDDEN unless the caller may do `permission` on `object` now. */
  authorize(permission: RolePermission, object?: AuthorizeObject): void;
}

/** What a permission is asked for; grants will look inside. */
export interface AuthorizeObject {
  readonly host?: string;
  readonly module?: string;
  readonly run?: string;
  readonly credential?: string;
}

/** What the audit says beyond the contract's own definition of the act. */
export interface AuditNote {
  object?: string;
  details?: Record<string, unknown>;
}

export interface ChangeCall extends Call {
  readonly callId: string;
  /**
   * The act, its audit event and its remembered answer in one transaction. `work` may run again after a deadlock, so
   * it touches only the database. When the call is a repeat, `work` does not run and the first answer comes back.
   * What the act does elsewhere (on a server) is `act`, which then does not run either; it comes first, and once.
   */
  commit<R>(work: (tx: Tx, note: AuditNote) => Promise<R>, act?: () => Promise<void>): Promise<Committed<R>>;
}

type Handler<N extends MethodName> = N extends QueryName
  ? (call: Call, params: ParamsOf<N>) => Promise<ResultOf<N>>
  : N extends ChangeName
    ? (call: ChangeCall, params: ParamsOf<N>) => Promise<Committed<ResultOf<N>>>
    : N extends StreamName
      ? (call: Call, params: ParamsOf<N>) => AsyncIterable<ResultOf<N>>
      : never;

/** The handlers of some methods: a feature says which. */
export type HandlersOf<N extends MethodName> = { readonly [K in N]: Handler<K> };

/** All of them: a method of the contract without a handler does not compile. `stream.stop` is the connection's own. */
export type Handlers = HandlersOf<Exclude<MethodName, 'stream.stop'>>;
