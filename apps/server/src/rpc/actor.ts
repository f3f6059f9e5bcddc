import type { Role, RolePermission } from '@omanager/contract';

/** Who calls, resolved anew for every call. Permissions are those of this moment. */
export type Actor =
  /** A key that is not enrolled (or was revoked): it reaches only `enrol`. */
  | { kind: 'anonymous'; publicKey: string; address: string }
  /** An enrolled device, nobody signed in. */
  | { kind: 'device'; deviceId: string; publicKey: string; address: string }
  /** The password was right, the second factor is missing. */
  | { kind: 'pending'; deviceId: string; publicKey: string; userId: string; userName: string; address: string }
  | WorkerActor
  | SignedIn;

/** A zone worker: it reaches its own methods and nothing else. */
export interface WorkerActor {
  kind: 'worker';
  workerId: string;
  workerName: string;
  zoneId: string;
  publicKey: string;
  address: string;
}

export interface SignedIn {
  kind: 'user' | 'token';
  userId: string;
  userName: string;
  role: Role;
  permissions: ReadonlySet<RolePermission>;
  deviceId: string | null;
  sessionId: string | null;
  tokenId: string | null;
  publicKey: string | null;
  address: string;
}

export function isSignedIn(actor: Actor): actor is SignedIn {
  return actor.kind === 'user' || actor.kind === 'token';
}

/** Whose call ids these are: one user’s devices and tokens are apart, so nobody reads another’s answers. */
export function callerOf(actor: Actor): string {
  switch (actor.kind) {
    case 'anonymous':
    case 'device':
    case 'pending':
    case 'worker':
      return `key:${actor.publicKey}`;
    case 'user':
      return `key:${actor.publicKey}`;
    case 'token':
      return `token:${actor.tokenId}`;
  }
}
