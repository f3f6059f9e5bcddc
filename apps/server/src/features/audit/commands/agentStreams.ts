import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';

/** One life of a host's spool, and how far we have it. */
export interface AgentStream {
  host_id: string;
  boot: string;
  /** The sequence that is wanted next. */
  next: number;
  key_id: string;
  host_name: string;
  address: string;
  first_seen: number;
  last_seen: number;
  silent_since: number | null;
  /** The last heartbeat (ingest/heartbeat.ts), as JSON. */
  status: string | null;
  status_at: number | null;
  lag_ms: number | null;
  clock_seconds: number | null;
}

export const streamName = ({ host_id, boot }: Pick<AgentStream, 'host_id' | 'boot'>): string => `${host_id} ${boot}`;

/** The streams, their rows locked; such as are not there yet are made, with `last_seen` 0. */
export async function lockStreams(
  tx: Tx,
  kind: Database['kind'],
  wanted: readonly AgentStream[],
): Promise<Map<string, AgentStream>> {
  const ordered = [...wanted].sort((a, b) => (streamName(a) < streamName(b) ? -1 : 1));
  const read = async (): Promise<Map<string, AgentStream>> => {
    const query = tx('agent_streams')
      .whereIn(
        ['host_id', 'boot'],
        ordered.map(({ host_id, boot }) => [host_id, boot]),
      )
      .orderBy(['host_id', 'boot']);
    const rows: AgentStream[] = await (kind === 'mysql' ? query.forUpdate() : query);
    return new Map(rows.map((row) => [streamName(row), { ...row, next: Number(row.next) }]));
  };
  const found = await read();
  const missing = ordered.filter((stream) => !found.has(streamName(stream)));
  if (missing.length === 0) return found;
  await tx('agent_streams').insert(missing).onConflict(['host_id', 'boot']).ignore();
  return read();
}

export async function saveStreams(tx: Tx, streams: readonly AgentStream[]): Promise<void> {
  if (streams.length === 0) return;
  await tx('agent_streams')
    .insert([...streams])
    .onConflict(['host_id', 'boot'])
    .merge([
      ...['next', 'key_id', 'host_name', 'address', 'last_seen', 'silent_since'],
      ...['status', 'status_at', 'lag_ms', 'clock_seconds'],
    ]);
}

/** Whether a host had another life of its spool before this one. */
export async function hadOther(on: Knex, { host_id, boot }: AgentStream): Promise<boolean> {
  const row = await on('agent_streams').where({ host_id }).whereNot({ boot }).where('last_seen', '>', 0).first('boot');
  return row !== undefined;
}

/** Streams of hosts with a key that counts, of each its newest, that have said nothing since a moment and were not told of. */
export async function silentStreams(on: Knex, since: number, limit: number): Promise<AgentStream[]> {
  const rows: AgentStream[] = await on('agent_streams as s')
    .whereBetween('s.last_seen', [1, since])
    .whereNull('s.silent_since')
    .whereExists((keys) =>
      keys.from('agent_keys as k').whereRaw('k.host_id = s.host_id').whereNull('k.revoked_at').select('k.id'),
    )
    .whereNotExists((newer) =>
      newer
        .from('agent_streams as n')
        .whereRaw('n.host_id = s.host_id')
        .whereRaw('(n.first_seen > s.first_seen or n.last_seen > s.last_seen)')
        .select('n.boot'),
    )
    .orderBy('s.last_seen')
    .limit(limit)
    .select('s.*');
  return rows;
}

/** True when it was still silent, and is marked so now. */
export async function markSilent(tx: Tx, { host_id, boot, last_seen }: AgentStream): Promise<boolean> {
  const marked = await tx('agent_streams')
    .where({ host_id, boot, last_seen })
    .whereNull('silent_since')
    .update({ silent_since: last_seen });
  return marked > 0;
}

/** Of each of these keys the newest stream whose last batch it signed. */
export async function streamsOfKeys(on: Knex, keyIds: readonly string[]): Promise<Map<string, AgentStream>> {
  const rows: AgentStream[] = await on('agent_streams').whereIn('key_id', keyIds).orderBy('last_seen');
  return new Map(rows.map((row) => [row.key_id, row]));
}
