import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { OutputChunk } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import { createOutputCounts, type OutputPlace, type OutputStream } from './outputCounts.ts';

/** A piece of masked output on its way to the store; an empty one says that what follows is not kept. */
export interface NewChunk {
  ordinal: number;
  attempt: number;
  /** 1, 2, 3 … within the attempt, over both streams. */
  seq: number;
  stream: OutputStream;
  data: Uint8Array;
  /** Lines that begin in it, and what stands before it. */
  lines: number;
  before: OutputPlace;
  /** Chunks before this seq make room for it. */
  keepFrom?: number | undefined;
}

export interface ChunkRow {
  seq: number;
  stream: OutputStream;
  codec: string;
  at: number;
  data: Buffer;
}

export const placeColumns = ['stdout_bytes', 'stderr_bytes', 'stdout_lines', 'stderr_lines'] as const;

/** A chunk without its data. */
export interface PlaceRow extends Record<(typeof placeColumns)[number], number> {
  seq: number;
  stream: OutputStream;
  size: number;
  lines: number;
}

const newline = 10;

/** What stands before the chunk that follows this one. */
export function placeAfter(row: PlaceRow): OutputPlace {
  const of = (stream: OutputStream) => (row.stream === stream ? row : { size: 0, lines: 0 });
  return {
    stdoutBytes: row.stdout_bytes + of('stdout').size,
    stderrBytes: row.stderr_bytes + of('stderr').size,
    stdoutLines: row.stdout_lines + of('stdout').lines,
    stderrLines: row.stderr_lines + of('stderr').lines,
  };
}

/** The bytes of a stored chunk. */
export function bytesOf({ codec, data }: Pick<ChunkRow, 'codec' | 'data'>): Buffer {
  return codec === 'deflate' ? inflateRawSync(data) : data;
}

/** Smaller pieces do not shrink enough to pay for it. */
const worthCompressing = 512;
const rowsPerInsert = 100;
/** What a row takes beside its data: key, index, and what pages waste. */
const rowBytes = 128;

/** Under the run's lock. Returns the bytes by which the run's counter of output was raised. */
export async function insertOutput(tx: Tx, runId: string, chunks: NewChunk[], at: number): Promise<number> {
  if (chunks.length === 0) return 0;
  const run: { revision: number } | undefined = await tx('runs').where({ id: runId }).first('revision');
  const rows = chunks.map(({ ordinal, attempt, seq, stream, data, lines, before }, i) => {
    const compressed = data.length >= worthCompressing;
    return {
      run_id: runId,
      ordinal,
      attempt,
      seq,
      stream,
      codec: compressed ? 'deflate' : 'plain',
      at,
      arrival: (run?.revision ?? 0) * chunksInRevision + i,
      size: data.length,
      lines,
      stdout_bytes: before.stdoutBytes,
      stderr_bytes: before.stderrBytes,
      stdout_lines: before.stdoutLines,
      stderr_lines: before.stderrLines,
      data: compressed ? deflateRawSync(data, { level: 1 }) : Buffer.from(data),
    };
  });
  // A batch whose commit was not answered is sent again: what is there already stays as it is.
  for (let i = 0; i < rows.length; i += rowsPerInsert) {
    await tx('run_output')
      .insert(rows.slice(i, i + rowsPerInsert))
      .onConflict(['run_id', 'ordinal', 'attempt', 'seq'])
      .ignore();
  }
  // A batch that came twice counts twice: the cap of the run comes a little early then, never late.
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  const stored = rows.reduce((sum, { data }) => sum + data.length + rowBytes, 0);
  const gone = await removeOldest(tx, runId, chunks);
  await tx('runs')
    .where({ id: runId })
    .increment({ output_bytes: bytes - gone.bytes, output_stored: stored - gone.stored });
  return bytes - gone.bytes;
}

/** More than a batch may hold. All chunks of a run are numbered in the order in which they were stored. */
const chunksInRevision = 2 ** 23;

/** What newer chunks take the place of. */
async function removeOldest(
  tx: Tx,
  runId: string,
  chunks: readonly NewChunk[],
): Promise<{ bytes: number; stored: number }> {
  const from = new Map<string, Pick<NewChunk, 'ordinal' | 'attempt' | 'keepFrom'>>();
  for (const chunk of chunks) if (chunk.keepFrom !== undefined) from.set(`${chunk.ordinal} ${chunk.attempt}`, chunk);
  const gone = { bytes: 0, stored: 0 };
  if (from.size === 0 || !(await follows(tx, runId))) return gone;
  for (const { ordinal, attempt, keepFrom = 0 } of from.values()) {
    const oldest = () => tx('run_output').where({ run_id: runId, ordinal, attempt }).andWhere('seq', '<', keepFrom);
    const sums = await oldest().first(
      tx.raw('coalesce(sum(size), 0) as bytes'),
      tx.raw(`coalesce(sum(length(data) + ${rowBytes}), 0) as stored`),
    );
    gone.bytes += Number(sums.bytes);
    gone.stored += Number(sums.stored);
    await oldest().delete();
  }
  return gone;
}

/** Whoever sends chunks may not take away what other runs have shown. */
async function follows(tx: Tx, runId: string): Promise<boolean> {
  const plan: { summary: string } | undefined = await tx('runs')
    .join('plans', 'plans.id', 'runs.plan_id')
    .where('runs.id', runId)
    .first('plans.summary');
  return plan !== undefined && JSON.parse(plan.summary).follow === true;
}

/** Adds output behind what is stored of an attempt that nobody writes to any more. */
export async function appendOutput(
  tx: Tx,
  runId: string,
  { ordinal, attempt }: { ordinal: number; attempt: number },
  { stream, data, at }: { stream: OutputStream; data: Uint8Array; at: number },
): Promise<void> {
  const stored = () => tx('run_output').where({ run_id: runId, ordinal, attempt }).orderBy('seq', 'desc');
  const last: PlaceRow | undefined = await stored().first('seq', 'stream', 'size', 'lines', ...placeColumns);
  const before: ChunkRow | undefined = await stored().where({ stream }).andWhere('size', '>', 0).first('codec', 'data');
  const inLine = { stdout: false, stderr: false, [stream]: before && bytesOf(before).at(-1) !== newline };
  const counts = createOutputCounts(last && placeAfter(last), inLine);
  const chunk = { ordinal, attempt, seq: (last?.seq ?? 0) + 1, stream, data, ...counts.next(stream, data) };
  await insertOutput(tx, runId, [chunk], at);
}

/**
 * The chunks after `after`, up to about `maxBytes` of data (at least one chunk). With `cut` a chunk that goes beyond it
 * is cut there, within the chunk; `more` then says that something is left, and reading on by `after` would skip it.
 * `limited`: the attempt came to a limit here, and what follows was not kept.
 */
export async function readOutput(
  on: Knex,
  { runId, ordinal, attempt, after, maxBytes, cut = false }: ReadRange,
): Promise<{ chunks: OutputChunk[]; more: boolean; limited: boolean }> {
  const chunks: OutputChunk[] = [];
  let bytes = 0;
  let last = after;
  let limited = false;
  for (;;) {
    const rows: ChunkRow[] = await on('run_output')
      .where({ run_id: runId, ordinal, attempt })
      .andWhere('seq', '>', last)
      .orderBy('seq')
      .limit(rowsPerRead)
      .select('seq', 'stream', 'codec', 'at', 'data');
    for (const row of rows) {
      last = row.seq;
      const data = bytesOf(row);
      limited ||= data.length === 0;
      if (data.length === 0) continue;
      const room = maxBytes - bytes;
      const over = data.length > room;
      if (over && (cut || chunks.length > 0)) {
        if (cut && room > 0) chunks.push(toChunk(row, data.subarray(0, room)));
        return { chunks, more: true, limited };
      }
      bytes += data.length;
      chunks.push(toChunk(row, data));
    }
    if (rows.length < rowsPerRead) return { chunks, more: false, limited };
  }
}

interface ReadRange {
  runId: string;
  ordinal: number;
  attempt: number;
  after: number;
  maxBytes: number;
  cut?: boolean;
}

const rowsPerRead = 16;

function toChunk({ seq, stream, at }: ChunkRow, data: Buffer): OutputChunk {
  return { seq, stream, at: iso(at), data: data.toString('base64') };
}
