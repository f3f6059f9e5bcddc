import type { Client } from '@omanager/client';
import {
  type AuditFileFormat,
  type AuditFileKind,
  auditFileCut,
  auditFileHead,
  auditFileLine,
  type ExportSeal,
} from '@omanager/contract';
import type { EventFilter } from './eventQuery.ts';

/** What a browser can hold as one file. */
export const mostExported = 200_000;

interface Options {
  format: AuditFileFormat;
  signal: AbortSignal;
  progress: (count: number) => void;
}
export interface Exported {
  file: Blob;
  count: number;
  whole: boolean;
  /** The signature of the file; null when only a part of it was received at a stretch. */
  seal: ExportSeal | null;
}

/** Gathers all events of a filter, oldest first; the server records that somebody did. */
export const exportEvents = (
  client: Pick<Client, 'stream'>,
  filter: EventFilter,
  options: Options,
): Promise<Exported> =>
  gathered(
    client.stream(
      'audit.export',
      { ...filter, format: options.format, limit: mostExported },
      { signal: options.signal },
    ),
    'actions',
    options,
  );

/** Makes a file of what comes in parts. */
export async function gathered<K extends AuditFileKind>(
  parts: AsyncIterable<{ events: readonly Parameters<typeof auditFileLine<K>>[1][]; seal?: ExportSeal | undefined }>,
  kind: K,
  { format, progress }: Options,
): Promise<Exported> {
  const lines: string[] = [auditFileHead(kind, format)];
  let count = 0;
  let seal: ExportSeal | null = null;
  for await (const part of parts) {
    lines.push(part.events.map((event) => auditFileLine(kind, event, format)).join(''));
    count += part.events.length;
    seal = part.seal ?? null;
    progress(count);
  }
  // Without a seal nobody says whether there is more.
  const whole = seal?.whole ?? count < mostExported;
  if (!whole) lines.push(auditFileCut(kind, format, count));
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/jsonl;charset=utf-8';
  return { file: new Blob(lines, { type }), count, whole, seal };
}
