import { z } from 'zod';
import { checkpointTargetSchema } from './checkpoints.ts';
import { timeSchema } from './common.ts';

/** Where the audit's ledger stands. */
export const ledgerStateSchema = z.object({
  publicKey: z.string().nullable().describe('32 bytes in base64; null before the first block'),
  newest: z.object({ block: z.int(), hash: z.string(), sealedAt: timeSchema }).nullable(),
  unsealed: z.int().describe('events that no block holds yet'),
  targets: z.array(checkpointTargetSchema).describe('where checkpoints go'),
});
export type LedgerState = z.infer<typeof ledgerStateSchema>;

/** Something that is not as it was when it was sealed. */
export const ledgerFindingSchema = z.object({
  block: z.int().nullable().describe('null: the event names none'),
  event: z.string().optional().describe('its id, where one can be named'),
  place: z.int().optional().describe('of an event that is gone: which of the block, from 1 on'),
  what: z.enum([
    'checkpoint_not_signed',
    'checkpoint_differs',
    'checkpoint_missing',
    'block_gone',
    'block_not_signed',
    'block_not_next',
    'event_gone',
    'event_changed',
    'event_moved',
    'event_outside',
    'events_differ',
  ]),
});
export type LedgerFinding = z.infer<typeof ledgerFindingSchema>;

const findingTexts: Readonly<Record<LedgerFinding['what'], string>> = {
  checkpoint_not_signed: 'the checkpoint of this block is not signed by the key',
  checkpoint_differs: 'it is not the block that the checkpoint tells of',
  checkpoint_missing: 'a checkpoint tells of this block, and it is not there',
  block_gone: 'the block is gone',
  block_not_signed: 'it is not signed by the key',
  block_not_next: 'it does not follow the block before it',
  event_gone: 'the event is gone',
  event_changed: 'the event was changed',
  event_moved: 'the event was moved',
  event_outside: 'no block vouches for the event',
  events_differ: 'its events are not those that were sealed',
};

/** A finding in English: `block 7, event 0198…: the event was changed`. */
export function ledgerFindingText({ block, event, place, what }: LedgerFinding): string {
  const at = [
    ...(block === null ? [] : [`block ${block}`]),
    ...(event === undefined ? (place === undefined ? [] : [`event ${place} of it`]) : [`event ${event}`]),
  ];
  return `${at.join(', ')}: ${findingTexts[what]}`;
}

export const ledgerVerdictSchema = z.object({
  intact: z.boolean().describe('nothing that is there was changed'),
  complete: z
    .enum(['yes', 'no', 'unknown'])
    .describe('`unknown` without a checkpoint: an old copy of the whole is intact, too'),
  keyGiven: z.boolean().describe('false: the key was taken from the database itself'),
  blocks: z.int(),
  events: z.int(),
  unsealed: z.int(),
  findings: z.array(ledgerFindingSchema).describe('the first of them, in the order of the chain'),
});
export type LedgerVerdict = z.infer<typeof ledgerVerdictSchema>;
