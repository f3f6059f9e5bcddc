import type { ActionEvent } from './models/audit.ts';
import type { CommandEvent } from './models/commands.ts';

/** What an exported file holds. */
interface AuditEvents {
  actions: ActionEvent;
  commands: CommandEvent;
}
export type AuditFileKind = keyof AuditEvents;

export const auditFileFormats = ['jsonl', 'csv'] as const;
export type AuditFileFormat = (typeof auditFileFormats)[number];

const columns = {
  actions: [
    ...(['id', 'at', 'actorKind', 'actorId', 'actorName', 'deviceId', 'address', 'action', 'object'] as const),
    ...(['outcome', 'code', 'details'] as const),
  ],
  commands: [
    ...(['id', 'at', 'receivedAt', 'hostId', 'hostName', 'kind', 'uid', 'user', 'loginUser', 'claimedUser'] as const),
    ...(['tty', 'session', 'number', 'source', 'directory', 'text', 'exit', 'via', 'runId', 'terminalId'] as const),
    ...(['outside', 'signed', 'marks', 'claimedAt', 'address'] as const),
  ],
} as const satisfies { [K in AuditFileKind]: readonly (keyof AuditEvents[K])[] };

/** The first line of a file of the audit: the byte order mark is for spreadsheets. */
export function auditFileHead(kind: AuditFileKind, format: AuditFileFormat): string {
  return format === 'csv' ? `\u{feff}${columns[kind].join(',')}\r\n` : '';
}

/**
 * One event as a line of an exported file. Client and server write it alike, byte for byte: the server signs what the
 * client saves.
 */
export function auditFileLine<K extends AuditFileKind>(
  kind: K,
  event: AuditEvents[K],
  format: AuditFileFormat,
): string {
  const known = new Map<string, unknown>(Object.entries(event));
  const values = columns[kind].map((name): [string, unknown] => [name, known.get(name)]);
  if (format === 'jsonl') return `${JSON.stringify(Object.fromEntries(values))}\n`;
  const cells = values.map(([, value]) => {
    const shown = value ?? '';
    return cell(typeof shown === 'object' ? JSON.stringify(shown) : String(shown));
  });
  return `${cells.join(',')}\r\n`;
}

/** The last line of a file that was cut after so many events though there are more: the file itself says so. */
export function auditFileCut(kind: AuditFileKind, format: AuditFileFormat, events: number): string {
  if (format === 'jsonl') return `${JSON.stringify({ type: 'om-export-cut', events })}\n`;
  return `om-export-cut,${events}${','.repeat(columns[kind].length - 2)}\r\n`;
}

/** A spreadsheet must not take a value for a formula. */
function cell(text: string): string {
  const safe = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
