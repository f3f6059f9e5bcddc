import type { Recording } from '@omanager/contract';
import type { Knex } from 'knex';
import { type RecordingRow, toRecording } from './store.ts';

/** Recorded terminals on a server or of a user before a place, newest first. */
export async function recordingsBefore(
  on: Knex,
  of: { hostId: string } | { userName: string },
  {
    before,
    limit,
    from,
    to,
  }: {
    before: { at: number; id: string } | undefined;
    limit: number;
    from: string | undefined;
    to: string | undefined;
  },
): Promise<Recording[]> {
  const query = on('recordings').where('hostId' in of ? { host_id: of.hostId } : { user_name: of.userName });
  if (from !== undefined) query.where('started_at', '>=', Date.parse(from));
  if (to !== undefined) query.where('started_at', '<', Date.parse(to));
  if (before)
    query
      .where('started_at', '<=', before.at)
      .where((older) => older.where('started_at', '<', before.at).orWhere('id', '<', before.id));
  const rows: RecordingRow[] = await query
    .orderBy([
      { column: 'started_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit);
  return rows.map(toRecording);
}
