import { isErrorCode, OmError } from '@omanager/contract';
import type { BridgedError } from './bridge.ts';

/** Whatever was thrown, for the other process. Only an OmError's own words cross: others may name files or keys. */
export function toBridged(error: unknown): BridgedError {
  if (!(error instanceof OmError))
    return { code: 'INTERNAL', message: 'The desktop application failed; its log has the cause.' };
  const { code, message, details } = error;
  return { code, message, ...(details ? { details } : {}) };
}

export function fromBridged({ code, message, details }: BridgedError): OmError {
  return new OmError(isErrorCode(code) ? code : 'INTERNAL', message, details);
}
