import type { Client } from '@omanager/client';
import type { ActionEvent } from '@omanager/contract';
import type { EventFilter } from './eventQuery.ts';

export type Format = 'csv' | 'jsonl';
/** What a browser can hold as one file. */
const mostExported = 200_000;

const columns = [
  ...(['id', 'at', 'actorKind', 'actorId', 'actorName', 'deviceId', 'address', 'action', 'object'] as const),
  ...(['outcome', 'code', 'details'] as const),
];

/** One event as a line of the file. */
export function lineOf(event: ActionEvent, format: Format): string {
  if (format === 'jsonl') return `${JSON.stringify(event)}\n`;
  const cells = columns.map((name) => {
    const value = event[name];
    return cell(typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? ''));
  });
  return `${cells.join(',')}\r\n`;
}

/** A spreadsheet must not take a value for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Gathers all events of a filter, oldest first; the server records that somebody did. */
export async function exportEvents(
  client: Pick<Client, 'stream'>,
  filter: EventFilter,
  { format, signal, progress }: { format: Format; signal: AbortSignal; progress: (count: number) => void },
): Promise<{ file: Blob; count: number; whole: boolean }> {
  const parts: string[] = format === 'csv' ? [`\u{feff}${columns.join(',')}\r\n`] : [];
  let count = 0;
  for await (const { events } of client.stream('audit.export', filter, { signal })) {
    parts.push(events.map((event) => lineOf(event, format)).join(''));
    count += events.length;
    progress(count);
    if (count >= mostExported) break;
  }
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/jsonl;charset=utf-8';
  return { file: new Blob(parts, { type }), count, whole: count < mostExported };
}
