import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import {
  batchesOf,
  commandEventsOf,
  type Removal,
  type SealedCommands,
  type Stretch,
} from '../commands/sealedCommands.ts';
import { type Block, isSignedBy } from './block.ts';
import { type Erasure, sealedLeaf } from './erasures.ts';
import { createFindings, type Found, type Tell } from './findings.ts';
import type { LedgerPublicKey } from './ledgerKey.ts';
import { eventsOf, type LedgerEvent } from './ledgerStore.ts';
import { rootOf } from './merkle.ts';

/** What all blocks are checked by. */
export interface Measure {
  key: Pick<LedgerPublicKey, 'id' | 'key'>;
  removals: readonly Removal[];
  erased: ReadonlyMap<string, Erasure>;
}

export interface Checked {
  found: Found;
  /** Events of blocks that retention has removed: their headers are left, and the events that tell of it. */
  removed: number;
  /** Commands in which nothing stands but what was checked here. */
  alone: Stretch | null;
}

export type CheckBlocks = (blocks: readonly Block[]) => Promise<Checked[]>;

/** Checks blocks by themselves: their signature, and their events against it. Others get their turn after each. */
export function createCheck(knex: Knex, measure: Measure): CheckBlocks {
  return async (blocks) => {
    const all: Checked[] = [];
    for (const block of blocks) {
      const { found, tell } = createFindings();
      const content = await contentOf(knex, block, measure.removals);
      if (!isSigned(block, measure)) tell({ block: block.number, what: 'block_not_signed' });
      else if (content) checkEvents(block, content.events, measure.erased, tell);
      all.push({ found, removed: content ? 0 : block.events, alone: content?.alone ?? null });
      await nextTurn();
    }
    return all;
  };
}

/** What a block holds; null when retention has removed it. */
async function contentOf(knex: Knex, block: Block, removals: readonly Removal[]): Promise<SealedCommands | null> {
  if (block.kind === 'action') return { events: await eventsOf(knex, block.number), alone: null };
  const batches = await batchesOf(knex, block.number);
  const removal = removals.find(({ fromBlock, toBlock }) => fromBlock <= block.number && block.number <= toBlock);
  const content = await commandEventsOf(knex, batches);
  // A block is removed as a whole: what is left in one, or was put there since, is looked at like any other.
  const inMonth = batches.every(({ id }) => removal && removal.from <= id && id < removal.before);
  return removal && inMonth && content.events.length === 0 ? null : content;
}

function isSigned(block: Block, { key }: Measure): boolean {
  return block.keyId === key.id && isSignedBy(block, key.key);
}

function checkEvents(block: Block, events: readonly LedgerEvent[], erased: Measure['erased'], tell: Tell): void {
  const { number } = block;
  let named = false;
  const tellOf: Tell = (finding) => {
    named = true;
    tell(finding);
  };
  const leaves: Uint8Array[] = [];
  let next = 0;
  let before = '';
  for (const event of events) {
    const position = event.position ?? -1;
    // The number of events is signed, a place is not: whoever writes to the database may have put any there.
    if (position < next || position >= block.events) {
      tellOf({ block: number, event: event.id, what: 'event_moved' });
      continue;
    }
    for (; next < position; next++) tellOf({ block: number, place: next + 1, what: 'event_gone' });
    next++;
    const leaf = sealedLeaf(event, erased);
    if (!leaf) tellOf({ block: number, event: event.id, what: 'event_changed' });
    else if (before > event.id) tellOf({ block: number, event: event.id, what: 'event_moved' });
    else leaves.push(leaf);
    before = event.id;
  }
  for (; next < block.events; next++) tellOf({ block: number, place: next + 1, what: 'event_gone' });
  if (!named && !rootOf(leaves).equals(block.root)) tell({ block: number, what: 'events_differ' });
}
