import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';

/** A module made in the client, as it is offered now. */
export interface UiModuleRow {
  module_id: string;
  legacy_id: number | null;
  version: string;
  digest: string;
  /** How many versions there are. */
  saved: number;
  retired_by: string | null;
  retired_at: number | null;
}

export interface UiVersionRow {
  module_id: string;
  ordinal: number;
  version: string;
  digest: string;
  manifest: string;
  comment: string;
  author: string;
  saved_at: number;
}

type Key = Partial<Pick<UiModuleRow, 'module_id' | 'legacy_id' | 'digest'>>;

export function allModules(on: Knex, { retired }: { retired: boolean }): Promise<UiModuleRow[]> {
  const query = on('ui_modules').select('*').orderBy('module_id');
  return retired ? query : query.whereNull('retired_at');
}

export function findModule(on: Knex, key: Key): Promise<UiModuleRow | undefined> {
  return on('ui_modules').where(key).first();
}

/** The module of a saved version, current or earlier. */
export function moduleOfDigest(on: Knex, digest: string): Promise<UiModuleRow | undefined> {
  return on('ui_modules')
    .join('ui_module_versions', 'ui_module_versions.module_id', 'ui_modules.module_id')
    .where('ui_module_versions.digest', digest)
    .first('ui_modules.*');
}

export function findVersion(on: Knex, moduleId: string, version: string): Promise<UiVersionRow | undefined> {
  return on('ui_module_versions').where({ module_id: moduleId, version }).first();
}

export function textsOf(on: Knex, digests: readonly string[]): Promise<Pick<UiVersionRow, 'digest' | 'manifest'>[]> {
  return on('ui_module_versions').whereIn('digest', digests).select('digest', 'manifest');
}

/** Locks a module for what follows in this transaction; undefined when it is new. */
export async function lockModule(tx: Tx, moduleId: string): Promise<UiModuleRow | undefined> {
  await tx('ui_modules').where({ module_id: moduleId }).increment('saved', 0);
  return findModule(tx, { module_id: moduleId });
}

export async function insertModule(tx: Tx, row: UiModuleRow): Promise<void> {
  await tx('ui_modules').insert(row);
}

export async function updateModule(tx: Tx, moduleId: string, change: Partial<UiModuleRow>): Promise<void> {
  await tx('ui_modules').where({ module_id: moduleId }).update(change);
}

export async function insertVersion(tx: Tx, row: UiVersionRow): Promise<void> {
  await tx('ui_module_versions').insert(row);
}

export async function countModules(on: Knex): Promise<number> {
  const [row] = await on('ui_modules').count({ n: '*' });
  return Number(row?.n ?? 0);
}

export async function keepDraft(
  tx: Tx,
  draft: { digest: string; manifest: string; author: string; kept_at: number },
): Promise<void> {
  await tx('ui_module_drafts').insert(draft).onConflict('digest').merge();
}

export async function forgetDrafts(tx: Tx, before: number): Promise<void> {
  await tx('ui_module_drafts').where('kept_at', '<', before).delete();
}

export async function draftText(on: Knex, digest: string, since: number): Promise<string | undefined> {
  const row = await on('ui_module_drafts').where({ digest }).where('kept_at', '>=', since).first('manifest');
  return row?.manifest;
}
