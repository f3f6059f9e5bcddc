import type { SignedIn } from '../../rpc/actor.ts';
import type { TerminalsOptions } from './terminals.ts';

/** A stream that is asked for again (after a cut, or because its reader was slow) is the same look. */
const sameLookMs = 10 * 60_000;
const maxRemembered = 10_000;

type Look = 'terminals.watch' | 'recordings.list' | 'recordings.follow' | 'recordings.play' | 'files.list';

/** Writes into the audit who looked at whose terminal, and into which folder. */
export function createViews({ db, audit, audited }: Pick<TerminalsOptions, 'db' | 'audit' | 'audited'>) {
  const looks = new Map<string, number>();
  return {
    async note(
      actor: SignedIn,
      action: Look,
      object: string | undefined,
      details: Record<string, unknown> = {},
    ): Promise<void> {
      const key = `${actor.sessionId ?? actor.tokenId} ${action} ${object} ${JSON.stringify(details)}`;
      const at = looks.get(key);
      if (at !== undefined && performance.now() - at < sameLookMs) return;
      await db.transaction((tx) => audit(tx, { actor, action, object, outcome: 'done', details }));
      audited();
      looks.delete(key);
      looks.set(key, performance.now());
      const [oldest] = looks.keys();
      if (looks.size > maxRemembered && oldest !== undefined) looks.delete(oldest);
    },
  };
}
