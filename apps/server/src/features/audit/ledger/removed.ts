import type { LedgerFinding } from '@omanager/contract';
import type { Knex } from 'knex';
import { batchesOf, commandEventsOf, type Removal } from '../commands/sealedCommands.ts';
import type { Block } from './block.ts';
import { eventsOf, type LedgerEvent } from './ledgerStore.ts';

export type Tell = (finding: LedgerFinding) => void;

/** Blocks whose events were removed by retention: their headers are left, and the events that tell of it. */
export function createRemoved(knex: Knex, removals: readonly Removal[]) {
  let events = 0;
  return {
    /** What a block holds; null when retention has removed it. */
    async contentOf(block: Block): Promise<LedgerEvent[] | null> {
      if (block.kind === 'action') return eventsOf(knex, block.number);
      const batches = await batchesOf(knex, block.number);
      const removal = removals.find(({ fromBlock, toBlock }) => fromBlock <= block.number && block.number <= toBlock);
      // While it is under way some may be left.
      if (removal && batches.every(({ id }) => removal.from <= id && id < removal.before)) {
        events += block.events;
        return null;
      }
      return commandEventsOf(knex, batches);
    },
    /** Nothing else was removed in their shadow. */
    tellOf(tell: Tell): void {
      const said = removals.reduce((sum, removal) => sum + removal.events, 0);
      const block = removals.reduce((last, { toBlock }) => Math.max(last, toBlock), 0);
      if (events > said) tell({ block, what: 'event_gone' });
    },
  };
}
