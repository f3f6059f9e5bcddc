import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/database.ts';
import type { Actor } from '../../rpc/actor.ts';
import { actionFields, leafOf, makeSalt } from './ledger/leaf.ts';

export interface NewActionEvent {
  actor: Actor | { kind: 'system'; name: string };
  action: string;
  object?: string | undefined;
  outcome: 'done' | 'refused' | 'failed';
  code?: string | undefined;
  details: Record<string, unknown>;
}

export type WriteAudit = (tx: Tx, event: NewActionEvent) => Promise<void>;

const maxDetails = 16_384;

/** Writes an action event in the transaction of its act. */
export async function writeAudit(tx: Tx, event: NewActionEvent): Promise<void> {
  const row = wellFormed({
    id: uuid(),
    at: Date.now(),
    ...actorColumns(event.actor),
    action: event.action,
    object: event.object?.slice(0, 255) ?? null,
    outcome: event.outcome,
    code: event.code ?? null,
    details: detailsText(event.details),
  });
  const salt = makeSalt();
  await tx('action_events').insert({ ...row, salt, leaf: leafOf(salt, actionFields(row)) });
}

/** What the leaf is made of must come back from the database as it was: half a surrogate pair would not. */
function wellFormed<T extends object>(row: T): T {
  return Object.assign(
    row,
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, typeof value === 'string' ? value.toWellFormed() : value]),
    ),
  );
}

function detailsText(details: Record<string, unknown>): string {
  const text = JSON.stringify(details);
  return text.length <= maxDetails ? text : JSON.stringify({ truncated: text.slice(0, maxDetails) });
}

function actorColumns(actor: NewActionEvent['actor']) {
  const columns = {
    actor_kind: actor.kind,
    actor_id: null as string | null,
    actor_name: '',
    device_id: null as string | null,
    address: '',
  };
  switch (actor.kind) {
    case 'system':
      return { ...columns, actor_name: actor.name };
    case 'anonymous':
      return { ...columns, actor_id: actor.publicKey, actor_name: 'unknown device', address: actor.address };
    case 'device':
      return {
        ...columns,
        actor_id: actor.deviceId,
        actor_name: 'device',
        device_id: actor.deviceId,
        address: actor.address,
      };
    case 'worker':
      return { ...columns, actor_id: actor.workerId, actor_name: actor.workerName, address: actor.address };
    case 'pending':
      return {
        ...columns,
        actor_kind: 'user',
        actor_id: actor.userId,
        actor_name: actor.userName,
        device_id: actor.deviceId,
        address: actor.address,
      };
    case 'user':
    case 'token':
      return {
        ...columns,
        actor_id: actor.tokenId ?? actor.userId,
        actor_name: actor.userName,
        device_id: actor.deviceId,
        address: actor.address,
      };
  }
}
