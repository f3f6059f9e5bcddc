import { randomUUID } from 'node:crypto';
import { OmError } from '@omanager/contract';
import { isUnreachable } from '../db/database.ts';

/** What the caller is told. An error that is none of the contract's goes to the log, with an id that the answer names. */
export function reportError(
  log: { error(details: object, message: string): void },
  error: unknown,
  method: string,
): OmError {
  if (error instanceof OmError) return error;
  const errorId = randomUUID();
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // Database drivers put whole values into their messages: keep the head only.
  log.error({ errorId, method, err: text.slice(0, 2000) }, 'a call failed');
  if (isUnreachable(error)) return new OmError('BUSY', 'The database cannot be reached; try again shortly.');
  return new OmError('INTERNAL', `The server failed; its log has the cause under error id ${errorId}.`, { errorId });
}
