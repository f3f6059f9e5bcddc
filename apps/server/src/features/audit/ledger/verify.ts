import type { Knex } from 'knex';
import { type Block, hashOf, hex, isSignedBy, noBlock } from './block.ts';
import { type Checkpoint, isCheckpointSignedBy } from './checkpoint.ts';
import { leafOf } from './leaf.ts';
import type { LedgerPublicKey } from './ledgerKey.ts';
import { blocksFrom, countUnsealed, eventsOf, type LedgerEvent, missingBlocks } from './ledgerStore.ts';
import { rootOf } from './merkle.ts';

export interface Finding {
  block: number;
  /** Id of the event, where one can be named. */
  event?: string;
  what: string;
}

export interface Verdict {
  /** Nothing that is there was changed. */
  intact: boolean;
  /** Nothing is missing: `unknown` without a checkpoint, for an old copy of the whole is intact too. */
  complete: 'yes' | 'no' | 'unknown';
  blocks: number;
  events: number;
  /** Written, but not yet in a block: nothing vouches for them. */
  unsealed: number;
  /** The first of what is wrong, in the order of the chain. */
  changed: Finding[];
  missing: Finding[];
}

export interface Verification {
  knex: Knex;
  key: LedgerPublicKey;
  checkpoints: readonly Checkpoint[];
  signal: AbortSignal;
  /** Told now and then how many blocks are done. */
  progress?: (blocks: number) => void;
}

const blocksAtOnce = 50;
const mostFindings = 20;

/** Goes through the whole ledger, from the first block to the last. Reads only. */
export async function verifyLedger({ knex, key, checkpoints, signal, progress }: Verification): Promise<Verdict> {
  const changed: Finding[] = [];
  const missing: Finding[] = [];
  const expected = new Map(checkpoints.map((checkpoint) => [checkpoint.block, checkpoint]));
  for (const checkpoint of checkpoints) {
    if (!isCheckpointSignedBy(checkpoint, key.key))
      changed.push({ block: checkpoint.block, what: 'the checkpoint of this block is not signed by the key' });
  }
  let previous: Uint8Array = noBlock;
  let next = 0;
  let count = 0;
  for (;;) {
    signal.throwIfAborted();
    const blocks = await blocksFrom(knex, next, blocksAtOnce);
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (!first || !last) break;
    const events = await eventsOf(knex, first.number, last.number);
    for (const block of blocks) {
      if (block.number !== next) missing.push({ block: next, what: gapText(next, block.number - 1) });
      else if (hex(block.previous) !== hex(previous))
        changed.push({ block: block.number, what: 'it does not follow the block before it' });
      checkBlock(block, events.get(block.number) ?? [], key, changed, missing);
      const hash = hashOf(block);
      const checkpoint = expected.get(block.number);
      if (checkpoint && checkpoint.hash !== hex(hash))
        changed.push({ block: block.number, what: 'it is not the block of the checkpoint' });
      previous = hash;
      next = block.number + 1;
      count += block.events;
    }
    progress?.(next);
  }
  for (const block of await missingBlocks(knex)) {
    if (block >= next) missing.push({ block, what: 'the block is gone, events of it are there' });
  }
  for (const { block } of checkpoints)
    if (block >= next) missing.push({ block, what: 'a checkpoint tells of this block, and it is not there' });
  return {
    intact: changed.length === 0,
    complete: missing.length > 0 ? 'no' : checkpoints.length > 0 ? 'yes' : 'unknown',
    ...{ blocks: next, events: count },
    unsealed: await countUnsealed(knex),
    changed: changed.slice(0, mostFindings),
    missing: missing.slice(0, mostFindings),
  };
}

function checkBlock(
  block: Block,
  events: readonly LedgerEvent[],
  key: LedgerPublicKey,
  changed: Finding[],
  missing: Finding[],
): void {
  const { number } = block;
  if (block.keyId !== key.id || !isSignedBy(block, key.key)) {
    changed.push({ block: number, what: `it is not signed by key ${key.id}` });
    return;
  }
  const wrong = changed.length + missing.length;
  const leaves: Buffer[] = [];
  let next = 0;
  let before: LedgerEvent | undefined;
  for (const event of events) {
    const position = event.position ?? -1;
    if (position !== next) missing.push({ block: number, what: placesText(next, position - 1) });
    next = position + 1;
    const leaf = event.salt && leafOf(event.salt, event.fields);
    if (!leaf || !event.leaf || !leaf.equals(event.leaf))
      changed.push({ block: number, event: event.id, what: 'the event was changed' });
    else if (before && before.id > event.id)
      changed.push({ block: number, event: event.id, what: 'the event was moved' });
    leaves.push(leaf ?? Buffer.alloc(0));
    before = event;
  }
  if (next < block.events) missing.push({ block: number, what: placesText(next, block.events - 1) });
  if (wrong === changed.length + missing.length && !rootOf(leaves).equals(block.root))
    changed.push({ block: number, what: 'its events are not those that were sealed' });
}

function gapText(from: number, to: number): string {
  return from === to ? 'the block is gone' : `the blocks ${from} to ${to} are gone`;
}

function placesText(from: number, to: number): string {
  return from === to
    ? `event ${from + 1} of the block is gone`
    : `events ${from + 1} to ${to + 1} of the block are gone`;
}
