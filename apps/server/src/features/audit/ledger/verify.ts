import type { LedgerVerdict } from '@omanager/contract';
import type { Knex } from 'knex';
import type { DatabaseConfig } from '../../../db/database.ts';
import { type Removal, removals, type Stretch } from '../commands/sealedCommands.ts';
import { type Block, hashOf, hex, noBlock } from './block.ts';
import { type CheckBlocks, type Checked, createCheck, type Measure } from './blockContent.ts';
import { type Checkpoint, isCheckpointSignedBy } from './checkpoint.ts';
import { startCheckThreads } from './checkThreads.ts';
import { erasures } from './erasures.ts';
import { addFound, createFindings, mostFindings, type Tell } from './findings.ts';
import type { LedgerPublicKey } from './ledgerKey.ts';
import { blocksFrom, countUnsealed } from './ledgerStore.ts';
import { findStrays } from './strays.ts';

export interface Verification {
  knex: Knex;
  key: LedgerPublicKey;
  /** The key was kept elsewhere, not taken from the database. */
  keyGiven: boolean;
  checkpoints: readonly Checkpoint[];
  signal: AbortSignal;
  /** Told after each block how many are done. */
  progress?: (blocks: number) => void;
  /** Blocks are checked by so many threads, each with a connection of its own; without any, by this one. */
  threads?: { count: number; database: DatabaseConfig };
}

const blocksAtOnce = 8;
/** What a thread has to do while its last answer is on the way. */
const underWay = 2;

/** Goes through the whole ledger, from the first block to the last. Reads only. */
export async function verifyLedger(asked: Verification): Promise<LedgerVerdict> {
  const { knex, key, keyGiven, checkpoints, signal, progress, threads } = asked;
  const { found, tell } = createFindings();
  for (const checkpoint of checkpoints)
    if (!isCheckpointSignedBy(checkpoint, key.key)) tell({ block: checkpoint.block, what: 'checkpoint_not_signed' });
  // There may be several of one block: two that differ tell that the ledger was set back and went on another way.
  const expected = Map.groupBy(checkpoints, ({ block }) => block);
  const measure: Measure = { key, removals: await removals(knex), erased: await erasures(knex) };
  let previous: Uint8Array = noBlock;
  let next = 0;
  let events = 0;
  let removed = 0;
  const vouched: Stretch[] = [];
  const count = threads?.count ?? 0;
  using started = threads && count > 0 ? startCheckThreads(count, threads.database, measure) : undefined;
  const check = started?.check ?? createCheck(knex, measure);
  for await (const [block, checked] of inOrder(knex, check, Math.max(count, 1) * underWay, signal)) {
    const { number } = block;
    if (number !== next)
      for (let lost = next; lost < number && found.findings.length < mostFindings; lost++)
        tell({ block: lost, what: 'block_gone' });
    else if (hex(block.previous) !== hex(previous)) tell({ block: number, what: 'block_not_next' });
    addFound(found, checked.found);
    const hash = hashOf(block);
    if (expected.get(number)?.some((checkpoint) => checkpoint.hash !== hex(hash)))
      tell({ block: number, what: 'checkpoint_differs' });
    previous = hash;
    next = number + 1;
    events += block.events;
    removed += checked.removed;
    if (checked.alone) vouched.push(checked.alone);
    progress?.(next);
  }
  tellOfRemoved(removed, measure.removals, tell);
  for (const finding of await findStrays({ knex, next, vouched, signal })) tell(finding);
  for (const { block } of checkpoints) if (block >= next) tell({ block, what: 'checkpoint_missing' });
  const { findings, intact, complete } = found;
  return {
    intact,
    complete: !complete ? 'no' : checkpoints.length > 0 ? 'yes' : 'unknown',
    ...{ keyGiven, blocks: next, events, unsealed: await countUnsealed(knex), findings },
  };
}

/** All blocks from the first to the last, each when it is checked; so many stretches of them are under way at once. */
async function* inOrder(
  knex: Knex,
  check: CheckBlocks,
  most: number,
  signal: AbortSignal,
): AsyncIterable<[Block, Checked]> {
  const queue: { blocks: Block[]; checked: Promise<Checked[]> }[] = [];
  for (let next = 0, more = true; ; ) {
    while (more && queue.length < most) {
      const blocks = await blocksFrom(knex, next, blocksAtOnce);
      more = blocks.length === blocksAtOnce;
      next = (blocks.at(-1)?.number ?? next) + 1;
      const checked = check(blocks);
      // It is told of when its turn comes.
      checked.catch(() => {});
      queue.push({ blocks, checked });
    }
    const first = queue.shift();
    if (!first) return;
    const all = await first.checked;
    for (const [at, block] of first.blocks.entries()) {
      signal.throwIfAborted();
      const checked = all[at];
      if (checked === undefined) throw new Error(`block ${block.number} was not checked`);
      yield [block, checked];
    }
  }
}

/** Nothing else was removed in the shadow of what retention has removed. */
function tellOfRemoved(events: number, all: readonly Removal[], tell: Tell): void {
  const said = all.reduce((sum, removal) => sum + removal.events, 0);
  const block = all.reduce((last, { toBlock }) => Math.max(last, toBlock), 0);
  if (events > said) tell({ block, what: 'event_gone' });
}
