import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { migrate } from '../../apps/server/src/db/migrate.ts';
import { createOutputCounts } from '../../apps/server/src/features/runs/output/outputCounts.ts';
import { migrationSource } from '../../migrations/index.ts';

it('output that was stored before lines were counted is counted by the migration', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'om-store-'));
  const db = openDatabase({ kind: 'sqlite', file: join(folder, 'om.sqlite') });
  try {
    for (const name of await migrationSource.getMigrations([])) {
      if (name === '20261122100200_output') break;
      await db.knex.migrate.up({ migrationSource, name });
    }
    const given = Array.from({ length: 250 }, (_, n) => ({
      stream: n % 7 === 0 ? ('stderr' as const) : ('stdout' as const),
      data: Buffer.from(n % 5 === 0 ? 'ends\n' : n % 3 === 0 ? '\n\nx\ny' : 'goes on '.repeat(n)),
    }));
    const rows = given.map(({ stream, data }, n) => {
      const codec = n % 2 === 0 ? 'deflate' : 'plain';
      return { seq: n + 1, stream, codec, at: 0, data: codec === 'deflate' ? deflateRawSync(data) : data };
    });
    const keys = [
      { run_id: 'one', ordinal: 0, attempt: 1 },
      { run_id: 'one', ordinal: 0, attempt: 2 },
      { run_id: 'two', ordinal: 5, attempt: 1 },
    ];
    for (const key of keys)
      await db.knex.batchInsert(
        'run_output',
        rows.map((row) => ({ ...key, ...row })),
        100,
      );
    await migrate(db);
    for (const key of keys) {
      const counts = createOutputCounts();
      const expected = given.map(({ stream, data }) => {
        const { before, lines } = counts.next(stream, data);
        return {
          ...{ size: data.length, lines },
          ...{ stdout_bytes: before.stdoutBytes, stderr_bytes: before.stderrBytes },
          ...{ stdout_lines: before.stdoutLines, stderr_lines: before.stderrLines },
        };
      });
      const columns = ['size', 'lines', 'stdout_bytes', 'stderr_bytes', 'stdout_lines', 'stderr_lines'];
      expect(await db.knex('run_output').where(key).orderBy('seq').select(columns)).toEqual(expected);
    }
  } finally {
    await db.close();
    rmSync(folder, { recursive: true });
  }
});
