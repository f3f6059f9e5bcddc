import { finalHostStates } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import { requireOutput } from '../retention/retentionNotice.ts';
import type { RunStore } from '../store.ts';
import { readDiff } from './diff.ts';
import { readFolds } from './folds.ts';
import { readLines } from './lines.ts';
import type { Searches } from './search.ts';

interface Options {
  db: Database;
  runs: Pick<RunStore, 'get' | 'attemptOf'>;
  searches: Searches;
}

export type OutputMethods = 'runs.lines' | 'runs.search' | 'runs.folds' | 'runs.diff';

/** Looking at output. */
export function createOutputHandlers({ db, runs, searches }: Options): HandlersOf<OutputMethods> {
  return {
    'runs.lines': async (_call, { runId, ordinal, attempt, ...asked }) => {
      const { row, current } = await runs.attemptOf(db.knex, runId, ordinal, attempt);
      await requireOutput(db.knex, runId, row);
      const page = await readLines(db.knex, { runId, ordinal, attempt: row.attempt }, asked);
      const over = !current || finalHostStates.has(row.state);
      const cut = page.cut || row.discarded_bytes > 0;
      return { ...page, attempt: row.attempt, discardedBytes: row.discarded_bytes, cut, over };
    },
    'runs.search': (call, asked) => searches.search(asked, call.connection ?? call, call.signal),
    'runs.folds': async (_call, asked) => {
      await runs.get(db.knex, asked.runId);
      return readFolds(db.knex, asked);
    },
    'runs.diff': async (_call, asked) => {
      await runs.get(db.knex, asked.runId);
      return readDiff(db.knex, asked);
    },
  };
}
