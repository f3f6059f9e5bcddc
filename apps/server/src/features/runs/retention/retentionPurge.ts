import type { Database, Tx } from '../../../db/database.ts';

interface Removal {
  run_id: string;
  kind: 'run' | 'output';
  plan_id: string;
  revision: number;
}

interface ChunkKey {
  ordinal: number;
  attempt: number;
  seq: number;
}

/** Rows that one transaction deletes: chunks are up to 64 kB each. */
const chunksPerSlice = 200;
const rowsPerSlice = 500;
const start: ChunkKey = { ordinal: -1, attempt: 0, seq: 0 };

/** Every table with rows of a run, beside its output. */
const tablesOfRun = ['run_late_results', 'run_attempts', 'run_hosts'] as const;

/**
 * Deletes the rows of what was taken away, in slices, `pause` between them. Whoever is interrupted leaves the rest to
 * the next round, and two processes that do it at once only waste time: each slice deletes what is there.
 */
export function createPurge(db: Database, pause: () => Promise<void>) {
  async function slices(work: (tx: Tx) => Promise<boolean>): Promise<void> {
    while (await db.transaction(work)) await pause();
  }

  async function purgeOutput(removal: Removal): Promise<void> {
    for (let after: ChunkKey | null = start; ; ) {
      const from: ChunkKey = after;
      after = await db.transaction((tx) => deleteChunks(tx, removal, from));
      if (!after) return;
      await pause();
    }
  }

  async function purgeRun({ run_id, plan_id }: Removal): Promise<void> {
    for (const table of tablesOfRun) await slices((tx) => deleteSlice(tx, table, { run_id }));
    // A plan may have been started more than once.
    const used = () => db.knex('runs').where({ plan_id }).first('id');
    if (!(await used())) await slices((tx) => deleteSlice(tx, 'plan_hosts', { plan_id }));
    if (!(await used())) await db.knex('plans').where({ id: plan_id }).delete();
  }

  return {
    /** Everything that is left to delete. `pause` throws to interrupt it. */
    async all(): Promise<void> {
      for (;;) {
        const removal: Removal | undefined = await db.knex('run_removals').orderBy('at').first();
        if (!removal) return;
        await purgeOutput(removal);
        if (removal.kind === 'run') await purgeRun(removal);
        const { run_id, kind, revision } = removal;
        // What was taken away meanwhile, in addition, stays to be done.
        await db.knex('run_removals').where({ run_id, kind, revision }).delete();
      }
    },
  };
}

async function deleteSlice(tx: Tx, table: string, key: Record<string, string>): Promise<boolean> {
  const rows: { ordinal: number }[] = await tx(table)
    .where(key)
    .orderBy('ordinal')
    .limit(rowsPerSlice)
    .select('ordinal');
  const last = rows.at(-1);
  if (!last) return false;
  await tx(table).where(key).andWhere('ordinal', '<=', last.ordinal).delete();
  return rows.length === rowsPerSlice;
}

/** Deletes the next chunks after a key; null when there are no more. */
async function deleteChunks(tx: Tx, removal: Removal, after: ChunkKey): Promise<ChunkKey | null> {
  const { run_id } = removal;
  const { ordinal, attempt, seq } = after;
  const keys: ChunkKey[] = await tx('run_output')
    .where({ run_id })
    .andWhere('ordinal', '>=', ordinal)
    .andWhere((next) =>
      next
        .where('ordinal', '>', ordinal)
        .orWhere((same) => same.where({ ordinal }).andWhere('attempt', '>', attempt))
        .orWhere((same) => same.where({ ordinal, attempt }).andWhere('seq', '>', seq)),
    )
    .orderBy([{ column: 'ordinal' }, { column: 'attempt' }, { column: 'seq' }])
    .limit(chunksPerSlice)
    .select('ordinal', 'attempt', 'seq');
  const last = keys.at(-1);
  if (!last) return null;
  const kept = removal.kind === 'output' ? await laterAttempts(tx, removal, ordinal, last.ordinal) : new Set<string>();
  for (const [first, end] of ranges(keys)) {
    if (kept.has(attemptKey(first))) continue;
    await tx('run_output')
      .where({ run_id, ordinal: first.ordinal, attempt: first.attempt })
      .whereBetween('seq', [first.seq, end.seq])
      .delete();
  }
  return keys.length < chunksPerSlice ? null : last;
}

const attemptKey = ({ ordinal, attempt }: Omit<ChunkKey, 'seq'>): string => `${ordinal}/${attempt}`;

/** Attempts that went on after the output was taken away: theirs is new. */
async function laterAttempts(tx: Tx, { run_id, revision }: Removal, from: number, to: number): Promise<Set<string>> {
  const later = new Set<string>();
  for (const table of ['run_hosts', 'run_attempts']) {
    const rows: Omit<ChunkKey, 'seq'>[] = await tx(table)
      .where({ run_id })
      .andWhere('revision', '>', revision)
      .whereBetween('ordinal', [from, to])
      .select('ordinal', 'attempt');
    for (const row of rows) later.add(attemptKey(row));
  }
  return later;
}

/** First and last chunk of each attempt. */
function ranges(keys: ChunkKey[]): [ChunkKey, ChunkKey][] {
  const found: [ChunkKey, ChunkKey][] = [];
  for (const key of keys) {
    const range = found.at(-1);
    if (range && attemptKey(range[0]) === attemptKey(key)) range[1] = key;
    else found.push([key, key]);
  }
  return found;
}
