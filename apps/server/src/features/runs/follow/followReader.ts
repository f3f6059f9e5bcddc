import { finalHostStates, finalRunStates, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { bytesOf } from '../output/output.ts';
import { lineStarts } from '../output/outputCounts.ts';
import type { HostRunRow, RunRow } from '../rows.ts';
import { type ArrivedChunk, createLineMerger, type FollowedLine, type LineMerger, type Unread } from './followLines.ts';

interface Row extends Omit<ArrivedChunk, 'data' | 'before' | 'begins'> {
  codec: string;
  data: Buffer;
  size: number;
  stdout_bytes: number;
  stderr_bytes: number;
  stdout_lines: number;
  stderr_lines: number;
}

interface UnreadRow extends Omit<Unread, 'end'> {
  end_bytes: number;
  end_lines: number;
}

/** What one look takes: more is older than anybody can read, and is left out. */
const budget = { bytes: 1024 * 1024, lines: 10_000, rows: 2000 };
const rowsPerRead = 100;
const columns = [
  'ordinal',
  'attempt',
  'seq',
  'stream',
  'at',
  'arrival',
  'codec',
  'size',
  'lines',
  'data',
  'stdout_bytes',
  'stderr_bytes',
  'stdout_lines',
  'stderr_lines',
] as const;
const namesPerRead = 500;
const newline = 10;
/** How far back the beginning of a line is looked for, in chunks. */
const headChunks = 2;

export interface Arrived {
  chunks: ArrivedChunk[];
  /** Older chunks that were not read, by host and stream. */
  unread: Unread[];
}

interface Range {
  /** Chunks after this arrival, */
  after: number;
  /** and up to this one. Absent: all there are. */
  upTo?: number;
}

/** Reads the chunks of a run in the order in which they arrived, whatever host they are of. */
export function createFollowReader(on: Knex, runId: string, hosts: readonly number[] | undefined) {
  const known = new Map<number, string>();
  const chunksOf = () => {
    const query = on('run_output').where({ run_id: runId });
    return hosts ? query.whereIn('ordinal', [...hosts]) : query;
  };

  async function between({ after, upTo }: Range, from: Row | undefined): Promise<Row[]> {
    const query = chunksOf().andWhere('arrival', '>', after);
    // Newest first: whatever is left unread is what is oldest.
    if (from) query.andWhere('arrival', '<', from.arrival);
    else if (upTo !== undefined) query.andWhere('arrival', '<=', upTo);
    return query
      .orderBy('arrival', 'desc')
      .limit(rowsPerRead)
      .select(...columns);
  }

  async function unreadBefore({ after }: Range, first: Row): Promise<Unread[]> {
    const end = (what: 'bytes' | 'lines', own: 'size' | 'lines') =>
      on.raw("max(case when ?? = 'stdout' then ?? else ?? end + ??) as ??", [
        ...['stream', `stdout_${what}`, `stderr_${what}`],
        ...[own, `end_${what}`],
      ]);
    const rows: UnreadRow[] = await chunksOf()
      .andWhere('arrival', '>', after)
      .andWhere('arrival', '<', first.arrival)
      .groupBy('ordinal', 'attempt', 'stream')
      .orderBy('attempt')
      .select('ordinal', 'attempt', 'stream', end('bytes', 'size'), end('lines', 'lines'))
      .sum({ lines: 'lines' });
    return rows.map(({ ordinal, attempt, stream, lines, end_bytes, end_lines }) => ({
      ...{ ordinal, attempt, stream },
      ...{ lines: Number(lines), end: { bytes: Number(end_bytes), lines: Number(end_lines) } },
    }));
  }

  /** The beginning of a chunk's first line, which stands in chunks before it. */
  async function headOf({ ordinal, attempt, seq, stream }: ArrivedChunk): Promise<string> {
    const rows: Pick<Row, 'codec' | 'data'>[] = await on('run_output')
      .where({ run_id: runId, ordinal, attempt, stream })
      .andWhere('seq', '<', seq)
      .andWhere('size', '>', 0)
      .orderBy('seq', 'desc')
      .limit(headChunks)
      .select('codec', 'data');
    const bytes = Buffer.concat(rows.reverse().map(bytesOf));
    return bytes.subarray(bytes.lastIndexOf(newline) + 1).toString('utf8');
  }

  return {
    /** Where the run stands, and which hosts have ended since a revision. */
    async progress(after: number): Promise<{ revision: number; over: boolean; ended: number[] }> {
      const run: Pick<RunRow, 'revision' | 'state'> | undefined = await on('runs')
        .where({ id: runId })
        .first('revision', 'state');
      if (!run) throw new OmError('NOT_FOUND', 'There is no such run.');
      const { revision, state } = run;
      if (after === 0 || revision === after) return { revision, over: finalRunStates.has(state), ended: [] };
      const rows: { ordinal: number }[] = await on('run_hosts')
        .where({ run_id: runId })
        .andWhere('revision', '>', after)
        .whereIn('state', [...finalHostStates])
        .select('ordinal');
      return { revision, over: finalRunStates.has(state), ended: rows.map(({ ordinal }) => ordinal) };
    },

    /** Hosts that may have written something, by ordinal. */
    async hosts(limit: number): Promise<{ ordinal: number; attempt: number; over: boolean }[]> {
      const query = on('run_hosts').where({ run_id: runId }).whereNotIn('state', ['pending', 'connecting']);
      const rows: Pick<HostRunRow, 'ordinal' | 'attempt' | 'state'>[] = await (hosts
        ? query.whereIn('ordinal', [...hosts])
        : query
      )
        .orderBy('ordinal')
        .limit(limit)
        .select('ordinal', 'attempt', 'state');
      return rows.map(({ ordinal, attempt, state }) => ({ ordinal, attempt, over: finalHostStates.has(state) }));
    },

    /** The names of the hosts that these lines are of; they never change. */
    async names(lines: readonly { ordinal: number }[]): Promise<ReadonlyMap<number, string>> {
      const unknown = [...new Set(lines.map(({ ordinal }) => ordinal))].filter((ordinal) => !known.has(ordinal));
      for (let i = 0; i < unknown.length; i += namesPerRead) {
        const rows: Pick<HostRunRow, 'ordinal' | 'name'>[] = await on('run_hosts')
          .where({ run_id: runId })
          .whereIn('ordinal', unknown.slice(i, i + namesPerRead))
          .select('ordinal', 'name');
        for (const { ordinal, name } of rows) known.set(ordinal, name);
      }
      return known;
    },

    async newest(): Promise<number> {
      const row = await chunksOf().max({ arrival: 'arrival' }).first();
      return Number(row?.arrival ?? 0);
    },

    async arrived(range: Range): Promise<Arrived> {
      const taken: Row[] = [];
      let bytes = 0;
      let lines = 0;
      for (;;) {
        const rows = await between(range, taken.at(-1));
        for (const row of rows) {
          const full = bytes + row.size > budget.bytes || lines + row.lines > budget.lines;
          if (taken.length > 0 && (full || taken.length >= budget.rows)) {
            const unread = await unreadBefore(range, taken.at(-1) ?? row);
            return { chunks: taken.reverse().map(toChunk), unread };
          }
          bytes += row.size;
          lines += row.lines;
          taken.push(row);
        }
        if (rows.length < rowsPerRead) return { chunks: taken.reverse().map(toChunk), unread: [] };
      }
    },

    /** The lines that these chunks complete, with the beginnings that stand in chunks which were read before. */
    async merge(merger: LineMerger, { chunks, unread }: Arrived): Promise<FollowedLine[]> {
      const at = chunks[0]?.at ?? 0;
      const lines = unread.flatMap((each) => merger.leaveOut(each, at));
      for (const chunk of chunks) {
        if (!chunk.begins && !merger.knows(chunk)) lines.push(...merger.seed(chunk, await headOf(chunk)));
        for (const line of merger.push(chunk)) lines.push(line);
      }
      return lines;
    },

    /** The last lines of one host's attempt, of what had arrived: oldest first, up to `most`, of those that are kept. */
    async lastLines(
      { ordinal, attempt, over }: { ordinal: number; attempt: number; over: boolean },
      { upTo, most, keep }: { upTo: number; most: number; keep: (lines: FollowedLine[]) => Promise<FollowedLine[]> },
    ): Promise<FollowedLine[]> {
      const rows: Row[] = [];
      let read = 0;
      for (let limit = tailRows; ; limit *= 2) {
        const before = rows.at(-1)?.seq;
        const query = on('run_output').where({ run_id: runId, ordinal, attempt }).andWhere('arrival', '<=', upTo);
        if (before !== undefined) query.andWhere('seq', '<', before);
        const more: Row[] = await query
          .orderBy('seq', 'desc')
          .limit(limit)
          .select(...columns);
        rows.push(...more);
        read += more.reduce((sum, { size }) => sum + size, 0);
        const all = more.length < limit;
        const lines = await keep(linesOf(rows, over));
        if (all || lines.length >= most || read >= maxTailBytes || limit >= maxTailRows) return lines.slice(-most);
      }
    },
  };
}

export type FollowReader = ReturnType<typeof createFollowReader>;

/** How much of one host's output is looked through for its last lines. */
const maxTailBytes = 256 * 1024;
const tailRows = 4;
const maxTailRows = 512;

/** The whole lines of chunks that come newest first; where nothing follows any more, the last one needs no end. */
function linesOf(rows: readonly Row[], over: boolean): FollowedLine[] {
  const merger = createLineMerger();
  const chunks = [...rows].reverse().map(toChunk);
  const lines = chunks.flatMap((chunk) => merger.push(chunk));
  return over ? [...lines, ...merger.closeAll(chunks.at(-1)?.at ?? 0)] : lines;
}

function toChunk({ codec, data: stored, size: _, ...row }: Row): ArrivedChunk {
  const { stdout_bytes, stderr_bytes, stdout_lines, stderr_lines, ...chunk } = row;
  const data = bytesOf({ codec, data: stored });
  const before =
    chunk.stream === 'stdout'
      ? { bytes: stdout_bytes, lines: stdout_lines }
      : { bytes: stderr_bytes, lines: stderr_lines };
  return { ...chunk, data, before, begins: chunk.lines === lineStarts(data, false) };
}
