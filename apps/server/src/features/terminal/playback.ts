import { createHash } from 'node:crypto';
import { OmError, type ResultOf } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import type { Sealer } from '../vault/sealer.ts';
import { openChunk } from './recorder.ts';
import { findChunk, findRecording } from './store.ts';

export interface PlaybackOptions {
  db: Database;
  sealer: Sealer;
  /** The SHA-256 that the audit has of its end; undefined while it is open. */
  endedAs(recordingId: string): Promise<string | null | undefined>;
}

/** The file of a recording as far as it is stored. Throws where what is stored is not what was recorded. */
export async function* playRecording(
  { db, sealer, endedAs }: PlaybackOptions,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<ResultOf<'recordings.play'>, void, undefined> {
  // Who took its last pieces away could say in its row that it never had more, but not in the ledger. Asked first: it may end now.
  const said = await endedAs(id);
  const row = await findRecording(db.knex, id);
  if (!row) throw new OmError('NOT_FOUND', 'There is no such recording, or it was removed.');
  const hash = createHash('sha256');
  const of = row.chunks;
  if (of === 0 && said) throw broken(1, of);
  for (let chunk = 1; chunk <= of && !signal.aborted; chunk++) {
    const stored = await findChunk(db.knex, id, chunk);
    if (!stored) throw broken(chunk, of);
    let plain: Buffer;
    try {
      plain = await openChunk(sealer, id, chunk, stored.sealed);
    } catch {
      throw broken(chunk, of);
    }
    hash.update(plain);
    const sha256 = hash.copy().digest('hex');
    if (sha256 !== stored.sha256 || (chunk === of && row.ended_at !== null && sha256 !== row.sha256))
      throw broken(chunk, of);
    if (chunk === of && said !== undefined && said !== sha256) throw broken(chunk, of);
    if (chunk > after) yield { chunk, of, text: plain.toString('utf8') };
  }
}

function broken(chunk: number, of: number): OmError {
  return new OmError(
    'CONFLICT',
    `Part ${chunk} of ${of} of this recording is missing or was changed: it is not what was recorded.`,
  );
}
