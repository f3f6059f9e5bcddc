import type { Fold, HostState, ParamsOf } from '@omanager/contract';
import type { Knex } from 'knex';
import { readOutput } from './output.ts';

interface HostRow {
  ordinal: number;
  attempt: number;
  name: string;
  state: HostState;
  exit_code: number | null;
  stdout_bytes: number;
  stderr_bytes: number;
  hash: string | null;
}

export interface FoldGroup {
  hash: string;
  /** The host with the lowest ordinal. */
  first: HostRow;
  names: string[];
  count: number;
}

/** Hosts read at once: some ten milliseconds. */
const hostsAtOnce = 5000;
const hostNamesInFold = 10_000;

/**
 * The groups of a run, largest first. Hashes are kept as the hosts end; grouping ten thousand rows costs less than an
 * index on them would at every result.
 */
export async function groupsOf(on: Knex, runId: string, by: 'exact' | 'masked'): Promise<FoldGroup[]> {
  const column = by === 'exact' ? 'fold' : 'fold_masked';
  const groups = new Map<string, FoldGroup>();
  let after = -1;
  for (;;) {
    const hosts: HostRow[] = await on('run_hosts')
      .where({ run_id: runId })
      .andWhere('ordinal', '>', after)
      .orderBy('ordinal')
      .limit(hostsAtOnce)
      .select('ordinal', 'attempt', 'name', 'state', 'exit_code', 'stdout_bytes', 'stderr_bytes', `${column} as hash`);
    for (const host of hosts) {
      if (host.hash === null) continue;
      const key = `${host.state} ${host.hash}`;
      const group = groups.get(key) ?? { hash: host.hash, first: host, names: [], count: 0 };
      groups.set(key, group);
      group.count++;
      if (group.names.length < hostNamesInFold) group.names.push(host.name);
    }
    const last = hosts.at(-1);
    if (hosts.length < hostsAtOnce || !last) break;
    after = last.ordinal;
    // Whoever else waits goes first.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || a.first.ordinal - b.first.ordinal);
}

/** Hosts grouped by equal output and exit code, each group with the beginning of the output of its first host. */
export async function readFolds(
  on: Knex,
  { runId, by, sampleBytes, limit }: ParamsOf<'runs.folds'>,
): Promise<{ items: Fold[]; total: number }> {
  const groups = await groupsOf(on, runId, by);
  const items: Fold[] = [];
  for (const { hash, first, names, count } of groups.slice(0, limit)) {
    const { ordinal, attempt } = first;
    const sample =
      sampleBytes > 0
        ? await readOutput(on, { runId, ordinal, attempt, after: 0, maxBytes: sampleBytes, cut: true })
        : { chunks: [], more: first.stdout_bytes + first.stderr_bytes > 0 };
    items.push({
      hash,
      state: first.state,
      exitCode: first.exit_code,
      count,
      ordinal,
      hosts: names,
      sample: sample.chunks,
      // Also where nothing is left of it: who asks for the output learns why.
      sampleTruncated: sample.more || (sample.chunks.length === 0 && first.stdout_bytes + first.stderr_bytes > 0),
    });
  }
  return { items, total: groups.length };
}
