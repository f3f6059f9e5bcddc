import { inflateRawSync } from 'node:zlib';
import type { Knex } from 'knex';

/** Where each chunk of output stands, counted in bytes and lines of each stream; the fold without what is each host's own. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('run_output', (t) => {
    t.integer('size').notNullable().defaultTo(0);
    t.integer('lines').notNullable().defaultTo(0);
    for (const name of places) t.bigInteger(name).notNullable().defaultTo(0);
  });
  for (const name of ['run_hosts', 'run_attempts']) {
    await db.schema.alterTable(name, (t) => {
      t.string('fold_masked', 64).nullable();
    });
  }
  await countStored(db);
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['run_hosts', 'run_attempts']) {
    await db.schema.alterTable(name, (t) => {
      t.dropColumn('fold_masked');
    });
  }
  await db.schema.alterTable('run_output', (t) => {
    t.dropColumns('size', 'lines', ...places);
  });
}

const places = ['stdout_bytes', 'stderr_bytes', 'stdout_lines', 'stderr_lines'] as const;
type Place = Record<(typeof places)[number], number>;

interface Chunk {
  run_id: string;
  ordinal: number;
  attempt: number;
  seq: number;
  stream: 'stdout' | 'stderr';
  codec: string;
  data: Buffer;
}

const rowsAtOnce = 100;
const newline = 10;

/** Counts what is stored already, one attempt after the other. */
async function countStored(db: Knex): Promise<void> {
  const attempts: Pick<Chunk, 'run_id' | 'ordinal' | 'attempt'>[] = await db('run_output')
    .distinct('run_id', 'ordinal', 'attempt')
    .orderBy(['run_id', 'ordinal', 'attempt']);
  for (const attempt of attempts) {
    const before: Place = { stdout_bytes: 0, stderr_bytes: 0, stdout_lines: 0, stderr_lines: 0 };
    const inLine = { stdout: false, stderr: false };
    let seq = 0;
    for (;;) {
      const chunks: Chunk[] = await db('run_output')
        .where(attempt)
        .andWhere('seq', '>', seq)
        .orderBy('seq')
        .limit(rowsAtOnce)
        .select('seq', 'stream', 'codec', 'data');
      for (const { stream, codec, data, ...chunk } of chunks) {
        seq = chunk.seq;
        const bytes = codec === 'deflate' ? inflateRawSync(data) : data;
        const lines = startsIn(bytes, inLine[stream]);
        await db('run_output')
          .where({ ...attempt, seq })
          .update({ size: bytes.length, lines, ...before });
        if (bytes.length > 0) inLine[stream] = bytes[bytes.length - 1] !== newline;
        before[`${stream}_bytes`] += bytes.length;
        before[`${stream}_lines`] += lines;
      }
      if (chunks.length < rowsAtOnce) break;
    }
  }
}

function startsIn(bytes: Buffer, inLine: boolean): number {
  let starts = bytes.length > 0 && !inLine ? 1 : 0;
  for (let at = bytes.indexOf(newline); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(newline, at + 1)) starts++;
  return starts;
}
