import { maxSettingsBytes, OmError, type ParamsOf, type Settings, settingsSchema } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';

/** What a person has set; `saved` is false where nothing was. */
export async function settingsOf(on: Knex, userId: string): Promise<{ settings: Settings; saved: boolean }> {
  const row: { document: string } | undefined = await on('user_settings').where({ user_id: userId }).first('document');
  return { settings: settingsSchema.parse(row ? JSON.parse(row.document) : {}), saved: row !== undefined };
}

/** Changes what is given; what two windows set at once does not undo each other. */
export async function changeSettings(
  tx: Tx,
  userId: string,
  changes: ParamsOf<'settings.set'>,
  at: number,
): Promise<{ settings: Settings }> {
  const empty = { user_id: userId, document: '{}', saved_at: at };
  await tx('user_settings').insert(empty).onConflict('user_id').ignore();
  // Read after a write: the row is locked until the commit.
  await tx('user_settings').where({ user_id: userId }).update({ saved_at: at });
  const { settings } = await settingsOf(tx, userId);
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const changed = settingsSchema.parse({ ...settings, ...Object.fromEntries(given) });
  const document = JSON.stringify(changed);
  if (Buffer.byteLength(document) > maxSettingsBytes)
    throw new OmError('TOO_LARGE', `Settings take at most ${maxSettingsBytes / 1024} KiB: forget some filters.`);
  await tx('user_settings').where({ user_id: userId }).update({ document });
  return { settings: changed };
}
