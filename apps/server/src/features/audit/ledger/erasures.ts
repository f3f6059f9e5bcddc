import type { Knex } from 'knex';
import { z } from 'zod';
import { readDetails } from '../details.ts';
import { hex } from './block.ts';
import { leafOf } from './leaf.ts';
import type { LedgerEvent } from './ledgerStore.ts';

export const erasedAction = 'commands.erase';

/** What an erasure says of its event, both in hex: the leaf that its block was sealed with, and the leaf of what remains. */
const erasureSchema = z.object({ leaf: z.string(), remains: z.string() });
export type Erasure = z.infer<typeof erasureSchema>;

const detailsSchema = z.object({ id: z.string(), erasure: erasureSchema });

/** The first erasure of each event: the act itself is an event of the ledger. */
export async function erasures(on: Knex): Promise<ReadonlyMap<string, Erasure>> {
  const rows: { details: string }[] = await on('action_events')
    .where({ action: erasedAction, outcome: 'done' })
    .orderBy('id', 'desc')
    .select('details');
  const found = new Map<string, Erasure>();
  for (const { details } of rows) {
    const said = detailsSchema.safeParse(readDetails(details));
    if (said.success) found.set(said.data.id, said.data.erasure);
  }
  return found;
}

/** The leaf with which an event stands in its block; undefined when the event is not what was sealed. */
export function sealedLeaf(
  { id, salt, fields, leaf, erased: isErased }: LedgerEvent,
  erased: ReadonlyMap<string, Erasure>,
): Buffer | undefined {
  if (!salt || !leaf) return undefined;
  const now = leafOf(salt, fields);
  if (now.equals(leaf)) return now;
  // An erasure takes a text away: it is no word for another one, nor for an act.
  const erasure = isErased ? erased.get(id) : undefined;
  return erasure && erasure.remains === hex(now) && erasure.leaf === hex(leaf) ? leaf : undefined;
}
