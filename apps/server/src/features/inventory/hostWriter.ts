import { type HostDraft, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { ensureGroups } from './groupStore.ts';
import { deleteHosts, type HostRow, hostsById, insertHosts, setDetails, updateHosts } from './hostStore.ts';
import { checkRoutes } from './routes.ts';
import type { CredentialNames } from './types.ts';
import { allZones } from './zoneStore.ts';

export interface HostWrite {
  readonly id: string;
  readonly createdAt: number;
  readonly draft: HostDraft;
}

export interface HostChanges {
  readonly added: readonly HostWrite[];
  readonly changed: readonly HostWrite[];
  readonly removed: readonly { readonly id: string; readonly name: string }[];
}

/** Ids of the zones and credentials that drafts name. */
export interface NamedIds {
  readonly zones: ReadonlyMap<string, string>;
  readonly credentials: ReadonlyMap<string, string>;
}

export async function idsOfNames(
  on: Knex,
  drafts: readonly HostDraft[],
  credentials: CredentialNames,
): Promise<NamedIds> {
  const zones = new Map((await allZones(on)).map((zone) => [zone.name, zone.id]));
  const names = new Set(drafts.map((draft) => draft.credential).filter((name) => name !== null));
  return { zones, credentials: await credentials.idsByName(on, [...names]) };
}

/** What a draft names that does not exist, in words for the operator. */
export function missingNames(draft: HostDraft, ids: NamedIds): string[] {
  const missing: string[] = [];
  if (!ids.zones.has(draft.zone))
    missing.push(`There is no zone ${draft.zone}; add it first: om zones add ${draft.zone}`);
  if (draft.credential !== null && !ids.credentials.has(draft.credential))
    missing.push(`There is no credential ${draft.credential}; add it first: om credentials add ${draft.credential}`);
  return missing;
}

/** Credentials that the actor must be allowed to use for this change: it decides where their secret is sent. */
export function credentialsAtStake(before: HostDraft | null, after: HostDraft): string[] {
  if (before === null) return after.credential === null ? [] : [after.credential];
  const moved =
    before.address !== after.address ||
    before.port !== after.port ||
    before.user !== after.user ||
    before.zone !== after.zone;
  const swapped = before.credential !== after.credential;
  if (!moved && !swapped) return [];
  return [...new Set([before.credential, after.credential].filter((name) => name !== null))];
}

/** Writes a set of changes, in bounded statements. The caller holds the inventory's lock and has checked rights. */
export async function writeHosts(
  tx: Tx,
  { added, changed, removed }: HostChanges,
  { credentials, now }: { credentials: CredentialNames; now: number },
): Promise<void> {
  await refuseJumpHosts(tx, removed);
  await deleteHosts(
    tx,
    removed.map((host) => host.id),
  );
  const drafts = [...added, ...changed].map((write) => write.draft);
  if (drafts.length === 0) return;
  const ids = await idsOfNames(tx, drafts, credentials);
  const [missing] = drafts.flatMap((draft) => missingNames(draft, ids));
  if (missing) throw new OmError('NOT_FOUND', `${missing}.`);
  const groupIds = await ensureGroups(
    tx,
    drafts.flatMap((draft) => draft.groups),
    now,
  );
  const detailsOf = ({ id, draft }: HostWrite) => ({
    id,
    labels: draft.labels,
    groupIds: [...new Set(draft.groups)].map((path) => groupIds.get(path) ?? ''),
  });

  await insertHosts(
    tx,
    added.map((write) => toRow(write, ids, now)),
  );
  await setDetails(tx, added.map(detailsOf), false);
  await updateHosts(
    tx,
    changed.map((write) => toRow(write, ids, now)),
  );
  await setDetails(tx, changed.map(detailsOf), true);
  if (changed.length > 0) await checkAllRoutes(tx);
}

export async function checkAllRoutes(tx: Tx): Promise<void> {
  const zones = await allZones(tx);
  const rows = await hostsById(tx, [...new Set(zones.flatMap((zone) => zone.jumpHostIds))]);
  checkRoutes(zones, new Map(rows.map((row) => [row.id, { id: row.id, name: row.name, zoneId: row.zone_id }])));
}

async function refuseJumpHosts(tx: Tx, removed: HostChanges['removed']): Promise<void> {
  if (removed.length === 0) return;
  const gone = new Map(removed.map((host) => [host.id, host.name]));
  for (const zone of await allZones(tx)) {
    const jump = zone.jumpHostIds.find((id) => gone.has(id));
    if (jump === undefined) continue;
    const name = gone.get(jump);
    throw new OmError('CONFLICT', `${name} is a jump host of zone ${zone.name}; give that zone another way in first.`);
  }
}

function toRow({ id, createdAt, draft }: HostWrite, ids: NamedIds, now: number): HostRow {
  return {
    id,
    name: draft.name,
    address: draft.address,
    port: draft.port,
    user_name: draft.user,
    credential_id: draft.credential === null ? null : (ids.credentials.get(draft.credential) ?? null),
    zone_id: ids.zones.get(draft.zone) ?? '',
    environment: draft.environment,
    labels: JSON.stringify(sortedLabels(draft.labels)),
    created_at: createdAt,
    updated_at: now,
  };
}

export function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
