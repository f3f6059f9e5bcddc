import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { OutputChunk } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { iso } from '../../db/page.ts';

/** A piece of masked output on its way to the store. */
export interface NewChunk {
  ordinal: number;
  attempt: number;
  /** 1, 2, 3 … within the attempt, over both streams. */
  seq: number;
  stream: 'stdout' | 'stderr';
  data: Uint8Array;
}

interface ChunkRow {
  seq: number;
  stream: 'stdout' | 'stderr';
  codec: string;
  at: number;
  data: Buffer;
}

/** Smaller pieces do not shrink enough to pay for it. */
const worthCompressing = 512;
const rowsPerInsert = 100;

export async function insertOutput(tx: Tx, runId: string, chunks: NewChunk[], at: number): Promise<void> {
  const rows = chunks.map(({ ordinal, attempt, seq, stream, data }) => {
    const compressed = data.length >= worthCompressing;
    return {
      run_id: runId,
      ordinal,
      attempt,
      seq,
      stream,
      codec: compressed ? 'deflate' : 'plain',
      at,
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
}

/** The chunks after `after`, up to about `maxBytes` of data (at least one chunk). */
export async function readOutput(
  on: Knex,
  {
    runId,
    ordinal,
    attempt,
    after,
    maxBytes,
  }: { runId: string; ordinal: number; attempt: number; after: number; maxBytes: number },
): Promise<{ chunks: OutputChunk[]; more: boolean }> {
  const chunks: OutputChunk[] = [];
  let bytes = 0;
  let last = after;
  for (;;) {
    const rows: ChunkRow[] = await on('run_output')
      .where({ run_id: runId, ordinal, attempt })
      .andWhere('seq', '>', last)
      .orderBy('seq')
      .limit(16)
      .select('seq', 'stream', 'codec', 'at', 'data');
    for (const row of rows) {
      const data = row.codec === 'deflate' ? inflateRawSync(row.data) : row.data;
      if (chunks.length > 0 && bytes + data.length > maxBytes) return { chunks, more: true };
      bytes += data.length;
      last = row.seq;
      chunks.push({ seq: row.seq, stream: row.stream, at: iso(row.at), data: Buffer.from(data).toString('base64') });
    }
    if (rows.length < 16) return { chunks, more: false };
  }
}
