import { CsvError, parse } from 'csv-parse/sync';
import { type Cells, fieldNames, limits, type ParsedImport, type Problem, readHost } from './fields.ts';

/** Reads CSV with a header line; columns in any order. A cell that looks like a formula is text like any other. */
export function parseCsv(text: string): ParsedImport {
  const { rows, problems } = readRows(text);
  const hosts: ParsedImport['hosts'] = [];
  if (problems.length > 0) return { hosts, problems };
  const [header, ...body] = rows;
  const columns = header?.record.map((cell) => cell.toLowerCase()) ?? [];
  problems.push(...checkHeader(columns));
  if (problems.length > 0) return { hosts, problems };
  for (const { line, record } of body) {
    if (record.length !== columns.length) {
      const message = `The line has ${record.length} cells, the header has ${columns.length}; quote cells that hold a comma.`;
      problems.push({ line, message });
      continue;
    }
    const host = readHost(
      line,
      Object.fromEntries(columns.map((column, i) => [column, record[i] ?? ''])) satisfies Cells,
    );
    if (Array.isArray(host)) problems.push(...host);
    else hosts.push(host);
  }
  return { hosts, problems };
}

interface CsvRow {
  line: number;
  record: string[];
}

function readRows(text: string): { rows: CsvRow[]; problems: Problem[] } {
  try {
    const rows: CsvRow[] = [];
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: 100_000,
      to: limits.hosts + 2,
      // Only here a record comes with its line; it need not be kept twice.
      on_record(record: string[], { lines }) {
        rows.push({ line: lines, record });
        return null;
      },
    });
    return { rows, problems: [] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    return { rows: [], problems: [{ line, message: `This is not CSV: ${error.message}` }] };
  }
}

function checkHeader(columns: readonly string[]): Problem[] {
  const known = `Known columns: ${fieldNames.join(', ')}.`;
  const problems: Problem[] = [];
  if (!columns.includes('name')) problems.push({ line: 1, message: `The first line must name the columns. ${known}` });
  else {
    for (const [i, column] of columns.entries()) {
      if (!fieldNames.includes(column)) problems.push({ line: 1, message: `There is no column ${column}. ${known}` });
      else if (columns.indexOf(column) !== i)
        problems.push({ line: 1, message: `The column ${column} is there twice.` });
    }
  }
  return problems;
}
