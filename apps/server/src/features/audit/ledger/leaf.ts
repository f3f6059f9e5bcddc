import { randomBytes } from 'node:crypto';
import { hashLeaf, leafPrefix, sha256 } from './merkle.ts';

/** The kinds of events that the ledger holds; a block holds events of one kind. */
export type EventKind = 'action' | 'command';

/** What stands in the ledger of one event, in a fixed order: the first says how the others are to be read. */
export type EventFields = readonly (string | number | null)[];

const saltBytes = 16;

/** Without its salt nobody can guess an event from its leaf: an erased event stays erased, and the chain still verifies. */
export function makeSalt(): Buffer {
  return randomBytes(saltBytes);
}

/** Where the bytes of a leaf are put together: a verification makes millions of them, and none is kept. */
const scratch = Buffer.alloc(64 * 1024);
const utf8PerUnit = 3;

/** SHA-256(0x00 ‖ salt ‖ the fields as a JSON array in UTF-8). */
export function leafOf(salt: Uint8Array, fields: EventFields): Buffer {
  const text = JSON.stringify(fields);
  const begin = 1 + salt.length;
  if (begin + text.length * utf8PerUnit > scratch.length) return hashLeaf(salt, Buffer.from(text));
  scratch[0] = leafPrefix;
  scratch.set(salt, 1);
  return sha256(scratch.subarray(0, begin + scratch.write(text, begin)));
}

/** A row of action_events, as far as the ledger vouches for it. */
export interface ActionRow {
  id: string;
  at: number;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  device_id: string | null;
  address: string;
  action: string;
  object: string | null;
  outcome: string;
  code: string | null;
  details: string;
}

/**
 * A whole number as it stands in the ledger. SQLite keeps anything in any column, and what only reads like that number
 * ("0x1", bytes) is another one to its filters: that stays what it is, and so is no part of the leaf that was sealed.
 */
export function whole(value: unknown): number | string | null {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const text = String(value);
  // MySQL's driver gives large ones as text.
  return typeof value === 'string' && String(Number(text)) === text ? Number(text) : text;
}

export function actionFields(row: ActionRow): EventFields {
  const { id, at, actor_kind, actor_id, actor_name, device_id, address, action, object, outcome, code, details } = row;
  return [
    'om-action-1',
    id,
    whole(at),
    actor_kind,
    actor_id,
    actor_name,
    device_id,
    address,
    action,
    object,
    outcome,
    code,
    details,
  ];
}
