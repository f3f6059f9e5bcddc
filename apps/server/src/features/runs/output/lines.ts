import { type LineTime, OmError, type OutputLine, type ParamsOf, type ReadAs } from '@omanager/contract';
import type { Knex } from 'knex';
import { createLinePage } from './linesPage.ts';
import { bytesOf } from './output.ts';
import { type AttemptKey, chunksFrom, countAt, lastChunk, placeBefore, storedOf } from './outputRows.ts';

type Asked = Pick<ParamsOf<'runs.lines'>, 'stream' | 'at' | 'limit' | 'maxBytes'> & { readAs?: ReadAs };

export interface LinePage {
  lines: OutputLine[];
  times: LineTime[];
  next: number | null;
  totals: { first: number; lines: number; bytes: number };
  cut: boolean;
}

/** Output that one page reads at most, in bytes: lines that need more of it are cut. */
const maxReadBytes = 4 * 1024 * 1024;

/** A page of lines. Chunks know where they stand, so that only those of the page are read and inflated. */
export async function readLines(
  on: Knex,
  key: AttemptKey,
  { stream, at, limit, maxBytes, readAs = 'utf-8' }: Asked,
): Promise<LinePage> {
  const stored = await storedOf(on, key);
  const count = (what: 'Lines' | 'Bytes') => ({
    before: countAt(stored.begin, stream, what),
    all: countAt(stored.end, stream, what),
  });
  const [{ before, all: written }, bytes] = [count('Lines'), count('Bytes')];
  const totals = { first: before + 1, lines: written, bytes: bytes.all - bytes.before };
  const page = createLinePage({ choice: stream, limit, maxBytes, readAs, from: beginning() });
  const found = await lastChunk(on, key, stored, (place) =>
    at.kind === 'byte' ? countAt(place, stream, 'Bytes') <= at.byte : countAt(place, stream, 'Lines') < firstLine(),
  );
  const seq = found ?? stored.first;
  if (totals.lines > 0) {
    let read = 0;
    for await (const row of chunksFrom(on, key, seq, stream)) {
      const data = bytesOf(row);
      read += data.length;
      page.add({ stream: row.stream, data, at: row.at, lines: row.lines, before: placeBefore(row) });
      if (page.isFull()) break;
      if (read >= maxReadBytes) {
        page.cutOpen();
        break;
      }
    }
  }
  const { lines, times } = page.finish();
  const last = lines.at(-1);
  const next = last && last.line < totals.lines ? last.line + 1 : null;
  return { lines, times, next, totals, cut: stored.cut };

  function beginning(): { line: number } | { byte: number } {
    if (at.kind !== 'byte') return { line: firstLine() };
    if (stream === 'both')
      throw new OmError('INVALID_PARAMS', 'Bytes are counted in one stream: ask for stdout or stderr.');
    return { byte: at.byte };
  }

  function firstLine(): number {
    switch (at.kind) {
      case 'line':
        return at.line;
      case 'around':
        return Math.max(1, at.line - Math.floor(limit / 2));
      case 'end':
        return Math.max(1, totals.lines - limit + 1);
      case 'byte':
        return 1;
    }
  }
}
