import type { Database, Tx } from '../../../db/database.ts';
import { hasUnsealedCommands, placeBatches, unsealedCommands } from '../commands/sealCommands.ts';
import { type Block, signBlock } from './block.ts';
import type { EventKind } from './leaf.ts';
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
  if ((await unsealedEvents(db.knex, 1)).length > 0 || (await hasUnsealedCommands(db.knex))) return true;
  const newest = await newestBlock(db.knex);
  return !newest || (await db.now(db.knex)) - newest.sealedAt >= heartbeatMs;
}

/** Seals the oldest events that no block holds. Null when there was nothing to do. One process at a time may call it. */
export function sealNext({ db, key, heartbeatMs }: Sealing): Promise<Block | null> {
  return db.transaction(async (tx) => {
    const before = await newestBlock(tx);
    const now = await db.now(tx);
    const next = await takeActions(tx);
    const content = next.leaves.length > 0 ? next : await takeCommands(tx);
    if (content.leaves.length === 0 && before && now - before.sealedAt < heartbeatMs) return null;
    const block = signBlock(
      {
        number: before ? before.number + 1 : 0,
        kind: content.kind,
        previous: hashBefore(before),
        root: rootOf(content.leaves),
        events: content.leaves.length,
        sealedAt: now,
        keyId: key.id,
      },
      key.secret,
    );
    // A second writer would fail here: numbers are unique.
    await insertBlock(tx, block);
    await content.place(block.number);
    return block;
  });
}

/** What goes into the next block, and how it is told its place there. */
interface Content {
  kind: EventKind;
  leaves: readonly Buffer[];
  place(block: number): Promise<void>;
}

async function takeActions(tx: Tx): Promise<Content> {
  const events = await unsealedEvents(tx, eventsInBlock);
  const leaves: Buffer[] = [];
  for (const event of events) leaves.push(event.leaf ?? (await giveLeaf(tx, event)));
  const ids = events.map(({ id }) => id);
  return { kind: 'action', leaves, place: (block) => placeEvents(tx, block, ids) };
}

async function takeCommands(tx: Tx): Promise<Content> {
  const { batches, leaves } = await unsealedCommands(tx);
  // An empty block is one of actions.
  const kind = leaves.length > 0 ? 'command' : 'action';
  return { kind, leaves, place: (block) => placeBatches(tx, block, batches) };
}
