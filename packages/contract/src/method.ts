import type { z } from 'zod';
import type { Permission } from './permissions.ts';

/**
 * One method of the contract, defined once. From it come the server's dispatcher, the typed client and the OpenRPC
 * document. `query` reads; `change` alters something, needs a UUID as the JSON-RPC id and is audited; `stream` answers
 * with a stream id, and `result` is then the shape of each event.
 */
export interface MethodDefinition<
  Kind extends MethodKind = MethodKind,
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly kind: Kind;
  readonly permission: Permission;
  readonly summary: string;
  readonly params: Params;
  readonly result: Result;
  /** Dotted paths of params that are never recorded (`*` is any key). */
  readonly secretParams?: readonly string[];
  /** The result holds a secret that is shown once; a repeated call gets it from a sealed copy. */
  readonly secretResult?: boolean;
  /** Never inside a batch (sign-in: a batch would be a guessing machine). */
  readonly alone?: boolean;
  /** A stream whose events go out as soon as they are there: somebody types and waits for the echo. */
  readonly prompt?: boolean;
}

export type MethodKind = 'query' | 'change' | 'stream';

type Spec<P extends z.ZodType, R extends z.ZodType> = Omit<MethodDefinition<MethodKind, P, R>, 'kind'>;

export function query<P extends z.ZodType, R extends z.ZodType>(spec: Spec<P, R>): MethodDefinition<'query', P, R> {
  return { kind: 'query', ...spec };
}

export function change<P extends z.ZodType, R extends z.ZodType>(spec: Spec<P, R>): MethodDefinition<'change', P, R> {
  return { kind: 'change', ...spec };
}

export function stream<P extends z.ZodType, R extends z.ZodType>(spec: Spec<P, R>): MethodDefinition<'stream', P, R> {
  return { kind: 'stream', ...spec };
}
