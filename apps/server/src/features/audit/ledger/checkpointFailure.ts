import type { CheckpointFailure } from '@omanager/contract';
import { z } from 'zod';

interface Failure {
  what: CheckpointFailure;
  /** A code only: no text of others, no address. */
  detail: string;
}

/** A checkpoint was not taken, and why. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  readonly failure: Failure;

  constructor(what: CheckpointFailure, detail: string) {
    super(`${what} (${detail})`);
    this.failure = { what, detail };
  }
}

const codeSchema = z.looseObject({ code: z.string().optional(), cause: z.unknown().optional() });

const kinds: readonly (readonly [RegExp, CheckpointFailure])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, 'name_unknown'],
  [/^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EPIPE)$/, 'unreachable'],
  [/TIMEDOUT|TIMEOUT/, 'timeout'],
  [/^(ERR_TLS|ERR_SSL|EPROTO$)|CERT|SIGNATURE|ISSUER|CRL/, 'tls'],
  [/^(ENOENT|ENOTDIR|EISDIR|EACCES|EPERM|EROFS|ELOOP)$/, 'not_writable'],
  [/^(ENOSPC|EDQUOT|EFBIG)$/, 'no_space'],
  [/^UND_ERR_SOCKET$/, 'closed'],
];

/** What is told of an error: never its text, which may hold an address or words of the other side. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NotTaken) return error.failure;
  const { code, cause } = codeSchema.catch({}).parse(error);
  if (code === undefined && cause !== undefined && cause !== null) return failureOf(cause);
  if (code === undefined) return { what: 'unknown', detail: error instanceof Error ? error.name : 'error' };
  const what = kinds.find(([form]) => form.test(code))?.[1] ?? 'unknown';
  return { what, detail: code.slice(0, 60) };
}
