import type { HostHistory, HostState, ParamsOf, ResultOf, RunState } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso, pageBy } from '../../../db/page.ts';
import { bytesOf, type ChunkRow } from '../output/output.ts';
import { type HostRunRow, toHostRun } from '../rows.ts';

interface HistoryRow extends HostRunRow, Record<string, unknown> {
  number: number;
  run_state: RunState;
  total: number;
  started_by: string;
  created_at: number;
  summary: string;
}

const mayHaveError: ReadonlySet<HostState> = new Set(['failed', 'unreachable', 'timed_out', 'aborted', 'lost']);
const errorLength = 300;

/** What ran on one host, newest first. */
export async function hostRuns(on: Knex, { hostId, ...page }: ParamsOf<'hosts.runs'>): Promise<ResultOf<'hosts.runs'>> {
  const query = on({ rh: 'run_hosts' })
    .join({ r: 'runs' }, 'r.id', 'rh.run_id')
    .join({ p: 'plans' }, 'p.id', 'r.plan_id')
    .where('rh.host_id', hostId)
    .select('rh.*', 'r.number', 'r.total', 'r.started_by', 'r.created_at', 'p.summary', { run_state: 'r.state' });
  const { rows, ...rest } = await pageBy<HistoryRow>(query, { key: 'run_id', descending: true, ...page });
  const items: HostHistory[] = [];
  for (const row of rows) items.push(toHistory(row, await firstError(on, row)));
  return { items, ...rest };
}

function toHistory(row: HistoryRow, error: string | null): HostHistory {
  const { module } = JSON.parse(row.summary);
  return {
    run: {
      id: row.run_id,
      number: row.number,
      module: { id: module.id, title: module.title },
      state: row.run_state,
      total: row.total,
      startedBy: row.started_by,
      createdAt: iso(row.created_at),
    },
    host: toHostRun(row),
    firstError: error,
  };
}

/** Only the first chunk is looked into: the line is a hint, the log has the rest. */
async function firstError(on: Knex, { run_id, ordinal, attempt, state, message }: HistoryRow): Promise<string | null> {
  if (!mayHaveError.has(state)) return null;
  const chunk: ChunkRow | undefined = await on('run_output')
    .where({ run_id, ordinal, attempt, stream: 'stderr' })
    .andWhere('size', '>', 0)
    .orderBy('seq')
    .first('codec', 'data');
  const lines = chunk ? bytesOf(chunk).subarray(0, 4096).toString('utf8').split('\n') : [];
  const line = lines.find((text) => text.trim() !== '') ?? message;
  return line === null ? null : line.trim().slice(0, errorLength);
}
