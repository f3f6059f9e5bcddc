import type { HostState, OutputChoice } from '@omanager/contract';
import type { Knex } from 'knex';
import type { PlacedChunk } from './outputRows.ts';
import type { PageChunk, SearchPage } from './searchThread.ts';

export interface SearchScope {
  runId: string;
  stream: OutputChoice;
  attempts: 'current' | 'all';
  states?: readonly HostState[] | undefined;
  hosts?: readonly number[] | undefined;
}

interface Host {
  ordinal: number;
  attempt: number;
  name: string;
}

/** Hosts, and then their chunks. */
export type Page = { kind: 'servers'; hosts: readonly Host[] } | { kind: 'chunks'; page: SearchPage };

type Row = PlacedChunk & { ordinal: number; attempt: number };

interface PageSize {
  rows: number;
}

const hostsAtOnce = 500;
/** Chunks have up to 64 KiB: a page is read in a few milliseconds. The first ones are small, so that first hits come soon. */
const rowsPerPage = { first: 8, most: 64 } as const;

/** The stored chunks of a run by host, attempt and seq: keys are followed, nothing is counted or skipped over. */
export async function* searchPages(on: Knex, scope: SearchScope): AsyncIterable<Page> {
  const chosen = scope.hosts && new Set(scope.hosts);
  const size: PageSize = { rows: rowsPerPage.first };
  let after = -1;
  for (;;) {
    const query = on('run_hosts').where({ run_id: scope.runId }).andWhere('ordinal', '>', after);
    if (scope.states) query.whereIn('state', scope.states);
    const hosts: Host[] = await query.orderBy('ordinal').limit(hostsAtOnce).select('ordinal', 'attempt', 'name');
    const wanted = chosen ? hosts.filter(({ ordinal }) => chosen.has(ordinal)) : hosts;
    for (const range of rangesOf(wanted)) {
      yield { kind: 'servers', hosts: range };
      yield* pagesOf(on, scope, range, size);
    }
    const last = hosts.at(-1);
    if (hosts.length < hostsAtOnce || !last) return;
    after = last.ordinal;
  }
}

/** Hosts whose ordinals follow each other: one range of the key. */
function rangesOf(hosts: readonly Host[]): Host[][] {
  const ranges: Host[][] = [];
  for (const host of hosts) {
    const range = ranges.at(-1);
    if (range?.at(-1)?.ordinal === host.ordinal - 1) range.push(host);
    else ranges.push([host]);
  }
  return ranges;
}

async function* pagesOf(
  on: Knex,
  { runId, stream, attempts }: SearchScope,
  hosts: readonly Host[],
  size: PageSize,
): AsyncIterable<Page> {
  const [first] = hosts;
  const final = hosts.at(-1);
  if (!first || !final) return;
  const current = new Map(hosts.map(({ ordinal, attempt }) => [ordinal, attempt]));
  let seen = { ordinal: first.ordinal, attempt: 0, seq: 0 };
  for (;;) {
    const { ordinal, attempt, seq } = seen;
    const query = on('run_output')
      .where({ run_id: runId })
      .whereBetween('ordinal', [ordinal, final.ordinal])
      .andWhere((later) =>
        later
          .where('ordinal', '>', ordinal)
          .orWhere('attempt', '>', attempt)
          .orWhere((same) => same.where({ attempt }).andWhere('seq', '>', seq)),
      );
    if (stream !== 'both') query.where({ stream });
    const rows: Row[] = await query.orderBy(['ordinal', 'attempt', 'seq']).limit(size.rows);
    const fit = attempts === 'all' ? rows : rows.filter((row) => row.attempt === current.get(row.ordinal));
    if (fit.length > 0) yield { kind: 'chunks', page: toPage(fit) };
    const last = rows.at(-1);
    if (rows.length < size.rows || !last) return;
    size.rows = Math.min(size.rows * 2, rowsPerPage.most);
    seen = last;
  }
}

function toPage(rows: readonly Row[]): SearchPage {
  const data = new Uint8Array(rows.reduce((sum, row) => sum + row.data.length, 0));
  let at = 0;
  const chunks = rows.map((row): PageChunk => {
    data.set(row.data, at);
    at += row.data.length;
    const { ordinal, attempt, stream, codec, lines } = row;
    const line = row[`${stream}_lines`];
    const byte = row[`${stream}_bytes`];
    const lineOfBoth = row.stdout_lines + row.stderr_lines;
    return { ordinal, attempt, stream, codec, bytes: row.data.length, lines, byte, line, lineOfBoth };
  });
  return { chunks, data: data.buffer };
}
