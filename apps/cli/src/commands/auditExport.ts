import { existsSync } from 'node:fs';
import {
  type AuditFileFormat,
  type AuditFileKind,
  auditFileCut,
  auditFileHead,
  auditFileLine,
  type ExportSeal,
} from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError, exitCodes } from '../errors.ts';
import { saveNew } from '../io/saveFile.ts';

interface Part<K extends AuditFileKind> {
  events: readonly Parameters<typeof auditFileLine<K>>[1][];
  seal?: ExportSeal | undefined;
}

interface Export<K extends AuditFileKind> {
  kind: K;
  /** A file that is not there yet; one that ends with `.csv` is for spreadsheets, any other has JSON lines. */
  file: string;
  limit: number | undefined;
  open(format: AuditFileFormat): AsyncIterable<Part<K>>;
}

/** Saves events of the audit, and beside them (`.sig`) the signature of the ledger. Exit code 2 when there is none. */
export async function saveSigned<K extends AuditFileKind>(
  { out }: Cli,
  { kind, file, limit, open }: Export<K>,
): Promise<void> {
  const format: AuditFileFormat = /\.csv$/i.test(file) ? 'csv' : 'jsonl';
  const signatureFile = `${file}.sig`;
  // Known before anything is exported: a file must not be left without its signature.
  if (existsSync(signatureFile)) throw new CliError(`${signatureFile} is there already; choose another name.`);
  const encoder = new TextEncoder();
  let count = 0;
  let signature: ExportSeal | undefined;
  let cut = false;
  async function* bytesOf(): AsyncIterable<Uint8Array> {
    yield encoder.encode(auditFileHead(kind, format));
    for await (const { events, seal } of open(format)) {
      yield encoder.encode(events.map((event) => auditFileLine(kind, event, format)).join(''));
      count += events.length;
      signature = seal;
      out.status(`${count} events`);
    }
    cut = signature ? !signature.whole : count === limit;
    if (cut) yield encoder.encode(auditFileCut(kind, format, count));
  }
  const bytes = await saveNew(file, bytesOf());
  const signed = signature === undefined ? null : signatureFile;
  if (signed !== null) await saveNew(signed, [encoder.encode(JSON.stringify(signature))]);
  out.status('');
  out.data({ file, events: count, whole: !cut, bytes, signature: signed });
  const more = cut ? ', and there are more' : '';
  out.line(`Saved ${file}: ${count} events${more}; `, signed === null ? 'not signed.' : `signature: ${signed}.`);
  if (signed === null)
    throw new CliError('Not signed: the connection was cut meanwhile; export again.', exitCodes.someNotOk);
}
