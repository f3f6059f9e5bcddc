import { createHash } from 'node:crypto';
import type { Device } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { iso, isoOrNull, type PageParams, pageBy } from '../../../db/page.ts';

export type DeviceRow = {
  id: string;
  user_id: string;
  /** base64url of the 32-byte X25519 key. */
  public_key: string;
  name: string;
  created_at: number;
  last_seen_at: number | null;
  revoked_at: number | null;
};

type ListRow = DeviceRow & { user_name: string };

export function findDevice(on: Knex, where: { id: string } | { public_key: string }): Promise<DeviceRow | undefined> {
  return on('devices').where(where).first();
}

export async function insertDevice(tx: Tx, device: DeviceRow): Promise<void> {
  await tx('devices').insert(device);
}

export async function renameDevice(tx: Tx, id: string, name: string): Promise<void> {
  await tx('devices').where({ id }).update({ name });
}

export async function revokeDevices(tx: Tx, where: { id: string } | { user_id: string }, at: number): Promise<number> {
  return tx('devices').where(where).whereNull('revoked_at').update({ revoked_at: at });
}

export async function touchDevice(tx: Tx, id: string, at: number): Promise<void> {
  await tx('devices').where({ id }).update({ last_seen_at: at });
}

export async function listDevices(
  on: Knex,
  { userId, ...page }: PageParams & { userId: string | null },
): Promise<{ items: Device[]; next?: string }> {
  const query = on('devices').select(
    '*',
    on.raw('(select name from users where users.id = devices.user_id) as user_name'),
  );
  if (userId !== null) query.where({ user_id: userId });
  const { rows, ...next } = await pageBy<ListRow>(query, { ...page, key: 'id', descending: true });
  return { items: rows.map(toDevice), ...next };
}

/** What a person compares with what the device shows: SHA-256 of the key, written as ssh does. */
function deviceFingerprint(publicKey: string): string {
  const hash = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('base64');
  return `SHA256:${hash.replaceAll('=', '')}`;
}

function toDevice(row: ListRow): Device {
  return {
    id: row.id,
    userId: row.user_id,
    userName: row.user_name,
    name: row.name,
    fingerprint: deviceFingerprint(row.public_key),
    createdAt: iso(row.created_at),
    lastSeenAt: isoOrNull(row.last_seen_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}
