import { OmError } from '@omanager/contract';
import type { Tx } from '../../../db/database.ts';
import { hex } from '../ledger/block.ts';
import type { Erasure } from '../ledger/erasures.ts';
import { leafOf, makeSalt } from '../ledger/leaf.ts';
import { commandFields } from './commandEvent.ts';
import { findSealedCommand } from './sealedCommands.ts';

/**
 * Takes the text out of a command event: a password that somebody typed must not stand in the audit. Everything else of
 * it stays, under a leaf of its own that the action event tells; the old leaf keeps its place in the block, and without
 * its salt nobody can guess the text from it. Throws NOT_FOUND or CONFLICT.
 */
export async function eraseCommand(tx: Tx, id: string): Promise<Erasure> {
  const event = await findSealedCommand(tx, id);
  if (!event) throw new OmError('NOT_FOUND', 'There is no such event.');
  const { row, block } = event;
  const marks = row.marks.split(',').filter(Boolean);
  if (marks.includes('erased')) throw new OmError('CONFLICT', 'Its text was erased before.');
  if (row.kind !== 'command' && row.kind !== 'executed')
    throw new OmError('CONFLICT', 'Only the text of a command can be erased.');
  // What no block holds yet could be changed without a trace.
  if (block === null) throw new OmError('CONFLICT', 'The ledger does not hold this event yet; try again in a second.');
  const erased = { ...row, command: '', marks: [...marks, 'erased'].join(',') };
  const salt = makeSalt();
  await tx('command_events').where({ id }).update({ command: erased.command, marks: erased.marks, salt });
  return { leaf: hex(row.leaf), remains: hex(leafOf(salt, commandFields(erased))) };
}
