import { createHash } from 'node:crypto';
import { OmError, type ResultOf } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import type { Sealer } from '../vault/sealer.ts';
import { openChunk } from './recorder.ts';
import { findChunk, findRecording } from './store.ts';

/** The file of a recording as far as it is stored. Throws where what is stored is not what was recorded. */
export async function* playRecording(
  { db, sealer }: { db: Database; sealer: Sealer },
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<ResultOf<'recordings.play'>, void, undefined> {
  const row = await findRecording(db.knex, id);
  if (!row) throw new OmError('NOT_FOUND', 'There is no such recording, or it was removed.');
  const hash = createHash('sha256');
  const of = row.chunks;
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
    if (chunk > after) yield { chunk, of, text: plain.toString('utf8') };
  }
}

function broken(chunk: number, of: number): OmError {
  return new OmError(
    'CONFLICT',
    `Part ${chunk} of ${of} of this recording is missing or was changed: it is not what was recorded.`,
  );
}
