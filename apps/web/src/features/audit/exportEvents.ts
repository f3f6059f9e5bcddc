import type { Client } from '@omanager/client';
import type { ActionEvent } from '@omanager/contract';
import type { EventFilter } from './eventQuery.ts';

export type Format = 'csv' | 'jsonl';
/** What a browser can hold as one file. */
const mostExported = 200_000;

const ofActions = [
  ...(['id', 'at', 'actorKind', 'actorId', 'actorName', 'deviceId', 'address', 'action', 'object'] as const),
  ...(['outcome', 'code', 'details'] as const),
];

/** One event as a line of the file. */
export const lineOf = (event: ActionEvent, format: Format): string => lineWith(event, ofActions, format);

/** The same of any kind of event: its columns in the order of the file. */
function lineWith<T extends object>(event: T, columns: readonly (keyof T & string)[], format: Format): string {
  if (format === 'jsonl') return `${JSON.stringify(event)}\n`;
  const cells = columns.map((name) => {
    const value = event[name] ?? '';
    return cell(typeof value === 'object' ? JSON.stringify(value) : String(value));
  });
  return `${cells.join(',')}\r\n`;
}

/** A spreadsheet must not take a value for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

interface Options {
  format: Format;
  signal: AbortSignal;
  progress: (count: number) => void;
}
export interface Exported {
  file: Blob;
  count: number;
  whole: boolean;
}

/** Gathers all events of a filter, oldest first; the server records that somebody did. */
export const exportEvents = (
  client: Pick<Client, 'stream'>,
  filter: EventFilter,
  options: Options,
): Promise<Exported> => gathered(client.stream('audit.export', filter, { signal: options.signal }), ofActions, options);

/** Makes a file of what comes in parts. */
export async function gathered<T extends object>(
  parts: AsyncIterable<{ events: readonly T[] }>,
  columns: readonly (keyof T & string)[],
  { format, progress }: Options,
): Promise<Exported> {
  const lines: string[] = format === 'csv' ? [`\u{feff}${columns.join(',')}\r\n`] : [];
  let count = 0;
  for await (const { events } of parts) {
    lines.push(events.map((event) => lineWith(event, columns, format)).join(''));
    count += events.length;
    progress(count);
    if (count >= mostExported) break;
  }
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/jsonl;charset=utf-8';
  return { file: new Blob(lines, { type }), count, whole: count < mostExported };
}
