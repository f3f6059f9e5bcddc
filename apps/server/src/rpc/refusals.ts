import { type MethodDefinition, OmError, redact } from '@omanager/contract';
import type { Database } from '../db/database.ts';
import type { WriteAudit } from '../features/audit/writer.ts';
import type { Actor } from './actor.ts';

export interface RefusalOptions {
  db: Database;
  audit: WriteAudit;
  /** An audit event was committed: who follows the audit may look. */
  audited?: () => void;
  log: { error(details: object, message: string): void };
}

/** Writes down that a call was refused, or that a change failed. Never throws: the caller is told the cause itself. */
export function createRefusals({ db, audit, audited, log }: RefusalOptions) {
  return async (
    actor: Actor,
    method: MethodDefinition,
    name: string,
    params: unknown,
    error: unknown,
  ): Promise<void> => {
    const code = error instanceof OmError ? error.code : 'INTERNAL';
    const refused =
      code === 'FORBIDDEN' || code === 'UNAUTHENTICATED' || code === 'BAD_CREDENTIALS' || code === 'INVITE_INVALID';
    if (!refused && method.kind !== 'change') return;
    // Nobody may fill the store by knocking: what was not even tried is in the metrics only.
    if (code === 'THROTTLED' || code === 'NOT_ENROLLED') return;
    // Only what has the method's shape: in anything else a secret could stand in the wrong place.
    const known = method.params.safeParse(params ?? {});
    const details = known.success ? { params: redact(known.data, method.secretParams ?? []) } : {};
    try {
      await db.transaction((tx) =>
        audit(tx, { actor, action: name, outcome: refused ? 'refused' : 'failed', code, details }),
      );
      audited?.();
    } catch (cause) {
      log.error({ err: String(cause), method: name }, 'the refusal could not be audited');
    }
  };
}
