import type { SignedIn } from '../../../rpc/actor.ts';
import type { TerminalsOptions } from '../terminals.ts';

export interface FileNote {
  action: 'files.changing' | 'files.list' | 'files.read' | 'files.sent' | 'files.ended';
  host: string;
  path: string;
  outcome?: 'done' | 'refused' | 'failed';
  code?: string;
  details?: Record<string, unknown>;
}

export const fileObject = (host: string, path: string): string => `file:${host}:${path}`;

/** Writes into the audit what somebody is about to do to a file, and what became of it. */
export function createNotes({ db, audit, audited }: Pick<TerminalsOptions, 'db' | 'audit' | 'audited'>) {
  return async (actor: SignedIn, { action, host, path, outcome = 'done', code, details = {} }: FileNote) => {
    await db.transaction((tx) =>
      audit(tx, { actor, action, object: fileObject(host, path), outcome, code, details: { host, path, ...details } }),
    );
    audited();
  };
}
