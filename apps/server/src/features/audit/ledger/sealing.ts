import type { Database } from '../../../db/database.ts';
import { type Block, signBlock } from './block.ts';
import type { LedgerKey } from './ledgerKey.ts';
import { giveLeaf, hashBefore, insertBlock, newestBlock, placeEvents, unsealedEvents } from './ledgerStore.ts';
import { rootOf } from './merkle.ts';

const eventsInBlock = 1000;

export interface Sealing {
  db: Database;
  key: LedgerKey;
  /** With nothing to seal an empty block follows the last one after so long: silence is told from a cut. */
  heartbeatMs: number;
}

/** Whether there is anything to seal; costs no write. */
export async function isDue(db: Database, heartbeatMs: number): Promise<boolean> {
  if ((await unsealedEvents(db.knex, 1)).length > 0) return true;
  const newest = await newestBlock(db.knex);
  return !newest || (await db.now(db.knex)) - newest.sealedAt >= heartbeatMs;
}

/** Seals the oldest events that no block holds. Null when there was nothing to do. One process at a time may call it. */
export function sealNext({ db, key, heartbeatMs }: Sealing): Promise<Block | null> {
  return db.transaction(async (tx) => {
    const before = await newestBlock(tx);
    const now = await db.now(tx);
    const events = await unsealedEvents(tx, eventsInBlock);
    if (events.length === 0 && before && now - before.sealedAt < heartbeatMs) return null;
    const leaves: Buffer[] = [];
    for (const event of events) leaves.push(event.leaf ?? (await giveLeaf(tx, event)));
    const block = signBlock(
      {
        number: before ? before.number + 1 : 0,
        kind: 'action',
        previous: hashBefore(before),
        root: rootOf(leaves),
        events: events.length,
        sealedAt: now,
        keyId: key.id,
      },
      key.secret,
    );
    // A second writer would fail here: numbers are unique.
    await insertBlock(tx, block);
    await placeEvents(
      tx,
      block.number,
      events.map(({ id }) => id),
    );
    return block;
  });
}
