import type { Knex } from 'knex';
import { batchesOf, commandEventsOf, findSealedCommand } from '../commands/sealedCommands.ts';
import { headerBytes, hex } from './block.ts';
import { erasures, sealedLeaf } from './erasures.ts';
import type { LedgerPublicKey } from './ledgerKey.ts';
import { blockOf, eventsOf, findEvent } from './ledgerStore.ts';
import { pathOf } from './merkle.ts';

/** That one event stands in the ledger, for somebody who has the public key and nothing else. docs/verify-proof.mjs reads it. */
export interface Proof {
  format: 'om-proof-1';
  /** What the leaf is made of; the first field names the meaning of the others. */
  event: readonly (string | number | null)[];
  salt: string;
  /** Place among the leaves of its block. */
  index: number;
  /** Sibling hashes from the leaf upwards, in hex. */
  path: string[];
  /** The block's header as it was signed. */
  header: string;
  signature: string;
  publicKey: string;
}

/** Null when there is no such event, no block holds it yet, or its text was erased. */
export async function proveEvent(knex: Knex, id: string, key: LedgerPublicKey): Promise<Proof | null> {
  const event = (await findEvent(knex, id)) ?? (await findSealedCommand(knex, id));
  if (!event || event.block === null || event.position === null || !event.salt) return null;
  const block = await blockOf(knex, event.block);
  if (!block) return null;
  const events =
    block.kind === 'command'
      ? (await commandEventsOf(knex, await batchesOf(knex, block.number))).events
      : await eventsOf(knex, event.block);
  const erased = await erasures(knex);
  if (erased.has(id)) return null;
  const leaves = events.map((one) => sealedLeaf(one, erased) ?? Buffer.alloc(0));
  return {
    format: 'om-proof-1',
    event: event.fields,
    salt: hex(event.salt),
    index: event.position,
    path: pathOf(event.position, leaves).map(hex),
    header: headerBytes(block).toString('utf8'),
    signature: Buffer.from(block.signature).toString('base64'),
    publicKey: key.text,
  };
}
