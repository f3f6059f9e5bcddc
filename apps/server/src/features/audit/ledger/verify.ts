import type { LedgerFinding, LedgerVerdict } from '@omanager/contract';
import type { Knex } from 'knex';
import { missingCommandBlocks, removals } from '../commands/sealedCommands.ts';
import { type Block, hashOf, hex, isSignedBy, noBlock } from './block.ts';
import { type Checkpoint, isCheckpointSignedBy } from './checkpoint.ts';
import { type Erasure, erasures, sealedLeaf } from './erasures.ts';
import type { LedgerPublicKey } from './ledgerKey.ts';
import { blocksFrom, countUnsealed, type LedgerEvent, missingBlocks } from './ledgerStore.ts';
import { rootOf } from './merkle.ts';
import { createRemoved, type Tell } from './removed.ts';

export interface Verification {
  knex: Knex;
  key: LedgerPublicKey;
  /** The key was kept elsewhere, not taken from the database. */
  keyGiven: boolean;
  checkpoints: readonly Checkpoint[];
  signal: AbortSignal;
  /** Told after each block how many are done. */
  progress?: (blocks: number) => Promise<void> | void;
}

const blocksAtOnce = 100;
const mostFindings = 50;
/** What is not there any more; everything else was changed. */
const gone: ReadonlySet<LedgerFinding['what']> = new Set(['block_gone', 'event_gone', 'checkpoint_missing']);

/** Goes through the whole ledger, from the first block to the last. Reads only. */
export async function verifyLedger(asked: Verification): Promise<LedgerVerdict> {
  const { knex, key, keyGiven, checkpoints, signal, progress } = asked;
  const findings: LedgerFinding[] = [];
  let intact = true;
  let complete = true;
  const tell: Tell = (finding) => {
    if (gone.has(finding.what)) complete = false;
    else intact = false;
    if (findings.length < mostFindings) findings.push(finding);
  };
  for (const checkpoint of checkpoints)
    if (!isCheckpointSignedBy(checkpoint, key.key)) tell({ block: checkpoint.block, what: 'checkpoint_not_signed' });
  const expected = new Map(checkpoints.map((checkpoint) => [checkpoint.block, checkpoint]));
  const removed = createRemoved(knex, await removals(knex));
  const erased = await erasures(knex);
  let previous: Uint8Array = noBlock;
  let next = 0;
  let events = 0;
  for (;;) {
    const blocks = await blocksFrom(knex, next, blocksAtOnce);
    if (blocks.length === 0) break;
    let ahead: ReturnType<typeof removed.contentOf> | undefined;
    for (const [at, block] of blocks.entries()) {
      signal.throwIfAborted();
      const { number } = block;
      if (number !== next)
        for (let lost = next; lost < number && findings.length < mostFindings; lost++)
          tell({ block: lost, what: 'block_gone' });
      else if (hex(block.previous) !== hex(previous)) tell({ block: number, what: 'block_not_next' });
      const content = await (ahead ?? removed.contentOf(block));
      // The database reads the next block while this one is hashed.
      const following = blocks[at + 1];
      ahead = following && removed.contentOf(following);
      ahead?.catch(() => {});
      if (content) checkBlock(block, content, { key, erased, tell });
      else if (!isSignedBlock(block, key)) tell({ block: number, what: 'block_not_signed' });
      const hash = hashOf(block);
      const checkpoint = expected.get(number);
      if (checkpoint && checkpoint.hash !== hex(hash)) tell({ block: number, what: 'checkpoint_differs' });
      previous = hash;
      next = number + 1;
      events += block.events;
      await progress?.(next);
    }
  }
  removed.tellOf(tell);
  for (const block of [...(await missingBlocks(knex)), ...(await missingCommandBlocks(knex))])
    if (block >= next) tell({ block, what: 'block_gone' });
  for (const { block } of checkpoints) if (block >= next) tell({ block, what: 'checkpoint_missing' });
  return {
    intact,
    complete: !complete ? 'no' : checkpoints.length > 0 ? 'yes' : 'unknown',
    ...{ keyGiven, blocks: next, events, unsealed: await countUnsealed(knex), findings },
  };
}

function isSignedBlock(block: Block, key: LedgerPublicKey): boolean {
  return block.keyId === key.id && isSignedBy(block, key.key);
}

function checkBlock(
  block: Block,
  events: readonly LedgerEvent[],
  { key, erased, tell }: { key: LedgerPublicKey; erased: ReadonlyMap<string, Erasure>; tell: Tell },
): void {
  const { number } = block;
  if (!isSignedBlock(block, key)) {
    tell({ block: number, what: 'block_not_signed' });
    return;
  }
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
