import { createLately } from '../../lately.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import type { TerminalsOptions } from './terminals.ts';

/** A stream that is asked for again (after a cut, or because its reader was slow) is the same look. */
const sameLookMs = 10 * 60_000;

type Look = 'terminals.watch' | 'recordings.list' | 'recordings.follow' | 'recordings.play' | 'files.list';

/** Writes into the audit who looked at whose terminal, and into which folder. */
export function createViews({ db, audit, audited }: Pick<TerminalsOptions, 'db' | 'audit' | 'audited'>) {
  const lately = createLately({ ms: sameLookMs });
  return {
    note(
      actor: SignedIn,
      action: Look,
      object: string | undefined,
      details: Record<string, unknown> = {},
    ): Promise<void> {
      const key = `${actor.sessionId ?? actor.tokenId} ${action} ${object} ${JSON.stringify(details)}`;
      return lately.once(key, async () => {
        await db.transaction((tx) => audit(tx, { actor, action, object, outcome: 'done', details }));
        audited();
      });
    },
  };
}
