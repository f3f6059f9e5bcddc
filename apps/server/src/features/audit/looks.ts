import type { Bus } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import { createLately } from '../../lately.ts';
import type { Actor } from '../../rpc/actor.ts';
import type { WriteAudit } from './writer.ts';

/**
 * A question that is asked again (for its next page, a list that is shown anew, a stream after a cut) is the same look. A
 * cursor is no word for that: anybody can make one, and begin with the second page.
 */
const sameLookMs = 10 * 60_000;

type Note = (actor: Actor, action: string, details: Record<string, unknown>) => Promise<void>;

/** Writes down who looks at what of the audit. */
export interface Looks {
  /** One event for a question, not for its pages. */
  looked: Note;
  /** What leaves as a file is written down each time. */
  exported: Note;
}

interface Options {
  db: Database;
  bus: Pick<Bus, 'publish'>;
  audit: WriteAudit;
  now?: (() => number) | undefined;
}

export function createLooks({ db, bus, audit, now }: Options): Looks {
  const lately = createLately({ ms: sameLookMs, now });
  const exported: Note = async (actor, action, details) => {
    await db.transaction((tx) => audit(tx, { actor, action, outcome: 'done', details }));
    bus.publish('audit');
  };
  return {
    exported,
    looked: (actor, action, details) =>
      lately.once(JSON.stringify([actor, action, details]), () => exported(actor, action, details)),
  };
}
