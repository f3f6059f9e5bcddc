import type { ParamsOf, Recording, RecordingState, TerminalEnd } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { iso, isoOrNull, pageBy } from '../../db/page.ts';

export interface RecordingRow extends Record<string, unknown> {
  id: string;
  host_id: string;
  host_name: string;
  address: string;
  login: string;
  user_id: string;
  user_name: string;
  from_address: string;
  state: RecordingState;
  ended_for: TerminalEnd | null;
  message: string | null;
  started_at: number;
  ended_at: number | null;
  alive_at: number;
  cols: number;
  rows: number;
  input: boolean | number;
  bytes: number;
  stored_bytes: number;
  chunks: number;
  commands: number;
  sha256: string | null;
}

export interface NewChunk {
  recordingId: string;
  seq: number;
  sealed: Buffer;
  /** Of the whole file up to the end of this chunk. */
  sha256: string;
  bytes: number;
  commands: number;
  at: number;
}

export interface RecordingEnd {
  state: 'ended' | 'failed' | 'cut';
  end: TerminalEnd;
  message: string | null;
  at: number;
}

const going: readonly RecordingState[] = ['connecting', 'open'];
const over: readonly RecordingState[] = ['ended', 'failed', 'cut'];
/** So many are followed at once; more are in the list. */
const mostFollowed = 500;

export async function insertRecording(
  tx: Tx,
  row: Omit<
    RecordingRow,
    'ended_for' | 'message' | 'ended_at' | 'bytes' | 'stored_bytes' | 'chunks' | 'commands' | 'sha256'
  >,
): Promise<void> {
  await tx('recordings').insert(row);
}

export function findRecording(on: Knex, id: string): Promise<RecordingRow | undefined> {
  return on('recordings').where({ id }).first();
}

export async function markOpen(on: Knex, id: string, at: number): Promise<void> {
  await on('recordings').where({ id, state: 'connecting' }).update({ state: 'open', alive_at: at });
}

export async function markAlive(on: Knex, ids: readonly string[], at: number): Promise<void> {
  await on('recordings').whereIn('id', ids).whereIn('state', going).update({ alive_at: at });
}

/** False when the recording was ended by somebody else: nothing may be added any more. */
export async function addChunk(tx: Tx, chunk: NewChunk): Promise<boolean> {
  const raised = await tx('recordings')
    .where({ id: chunk.recordingId, chunks: chunk.seq - 1 })
    .whereIn('state', going)
    .update({
      chunks: chunk.seq,
      commands: chunk.commands,
      alive_at: chunk.at,
      sha256: chunk.sha256,
      bytes: tx.raw('bytes + ?', [chunk.bytes]),
      stored_bytes: tx.raw('stored_bytes + ?', [chunk.sealed.length]),
    });
  if (raised === 0) return false;
  const { recordingId: recording_id, seq, sealed, sha256 } = chunk;
  await tx('recording_chunks').insert({ recording_id, seq, sealed, sha256 });
  return true;
}

/** Those that are open or ended since then, and these others; newest first. */
export async function recordingsNow(
  on: Knex,
  { host, userName }: { host?: string | undefined; userName?: string | undefined },
  { endedSince, also }: { endedSince: number; also: readonly string[] },
): Promise<RecordingRow[]> {
  const asked = () =>
    on<RecordingRow>('recordings')
      .where((filter) => {
        if (host !== undefined) filter.where({ host_name: host });
        if (userName !== undefined) filter.where({ user_name: userName });
      })
      .orderBy('id', 'desc')
      .limit(mostFollowed);
  const [open, ended] = await Promise.all([
    asked().whereIn('state', going),
    // The last sign of life of what ended is its end: there is an index for that.
    asked().whereIn('state', over).where('alive_at', '>=', endedSince),
  ]);
  const found = new Set([...open, ...ended].map(({ id }) => id));
  const missing = also.filter((id) => !found.has(id));
  return [...open, ...ended, ...(missing.length > 0 ? await asked().whereIn('id', missing) : [])];
}

/** The row as it ended, or undefined when it had ended before. */
export async function endRecording(tx: Tx, id: string, { state, end, message, at }: RecordingEnd) {
  const ended = await tx('recordings')
    .where({ id })
    .whereIn('state', going)
    .update({ state, ended_for: end, message, ended_at: at, alive_at: at });
  return ended === 0 ? undefined : findRecording(tx, id);
}

/** Those that nobody has said to be alive since then. */
export function silentSince(on: Knex, at: number): Promise<RecordingRow[]> {
  return on('recordings').whereIn('state', going).where('alive_at', '<', at).orderBy('id').limit(100);
}

export function pageOfRecordings(
  on: Knex,
  { host, userName, states, from, to, ...page }: ParamsOf<'recordings.list'>,
): Promise<{ rows: RecordingRow[]; next?: string }> {
  const query = on('recordings').where((filter) => {
    if (host !== undefined) filter.where({ host_name: host });
    if (userName !== undefined) filter.where({ user_name: userName });
    if (states !== undefined) filter.whereIn('state', states);
    if (from !== undefined) filter.where('started_at', '>=', Date.parse(from));
    if (to !== undefined) filter.where('started_at', '<', Date.parse(to));
  });
  return pageBy<RecordingRow>(query, { ...page, key: 'id', descending: true });
}

export function ownGoing(on: Knex, userId: string): Promise<RecordingRow[]> {
  return on('recordings').where({ user_id: userId }).whereIn('state', going).orderBy('id').limit(200);
}

export function findChunk(
  on: Knex,
  recordingId: string,
  seq: number,
): Promise<{ sealed: Buffer; sha256: string } | undefined> {
  return on('recording_chunks').where({ recording_id: recordingId, seq }).first('sealed', 'sha256');
}

/** Finished recordings to let go: those that ended before, or the oldest while all together are too large. */
export async function findOld(
  on: Knex,
  { before, maxBytes }: { before: number | null; maxBytes: number | null },
): Promise<RecordingRow[]> {
  const finished = () => on('recordings').whereNotIn('state', going).orderBy('id').limit(50);
  const old: RecordingRow[] = before === null ? [] : await finished().where('ended_at', '<', before);
  if (old.length > 0 || maxBytes === null) return old;
  const sum = await on('recordings').sum({ bytes: 'stored_bytes' }).first();
  let over = Number(sum?.bytes ?? 0) - maxBytes;
  const oldest: RecordingRow[] = over > 0 ? await finished() : [];
  return oldest.filter(({ stored_bytes }) => {
    const needed = over > 0;
    over -= Number(stored_bytes);
    return needed;
  });
}

export async function removeChunks(tx: Tx, recordingId: string, limit: number): Promise<number> {
  const seqs = await tx('recording_chunks')
    .where({ recording_id: recordingId })
    .orderBy('seq')
    .limit(limit)
    .pluck('seq');
  if (seqs.length === 0) return 0;
  return tx('recording_chunks').where({ recording_id: recordingId }).whereIn('seq', seqs).delete();
}

export async function removeRecording(tx: Tx, id: string): Promise<void> {
  await tx('recordings').where({ id }).delete();
}

export function toRecording(row: RecordingRow): Recording {
  return {
    id: row.id,
    host: row.host_name,
    address: row.address,
    login: row.login,
    userName: row.user_name,
    from: row.from_address,
    startedAt: iso(Number(row.started_at)),
    endedAt: isoOrNull(row.ended_at === null ? null : Number(row.ended_at)),
    state: row.state,
    end: row.ended_for,
    message: row.message,
    cols: row.cols,
    rows: row.rows,
    bytes: Number(row.bytes),
    commands: row.commands,
    input: Boolean(row.input),
    sha256: going.includes(row.state) ? null : row.sha256,
  };
}
