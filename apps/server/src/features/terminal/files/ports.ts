import type { FileKind } from '@omanager/contract';
import type { TerminalHost } from '../ports.ts';

/** What files need of the way to a server. Failures are OmErrors: UNREACHABLE, NOT_FOUND, CONFLICT, HOST_REFUSED. */

export interface HostFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly leadsTo: FileKind | null;
  readonly size: number;
  readonly modifiedAtMs: number;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

export interface OpenFile {
  readonly size: number;
  readonly modifiedAtMs: number;
  /** From `from` to the end. */
  read(from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** The files of one server, as its login user sees them. */
export interface HostFiles {
  /** The real path, links followed; the home of the login user when none is given. */
  resolve(path: string | undefined): Promise<string>;
  list(
    path: string,
    options: { limit: number; find: string | undefined; signal: AbortSignal },
  ): Promise<{ items: HostFile[]; more: boolean }>;
  open(path: string): Promise<OpenFile>;
  /** Puts a file in its place once its source has ended well; else nothing stays. */
  place(
    path: string,
    options: { source: AsyncIterable<Uint8Array>; replace: boolean; signal: AbortSignal },
  ): Promise<{ sha256: string; size: number }>;
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  remove(path: string): Promise<void>;
  close(): void;
}

export interface FilePorts<Host extends TerminalHost = TerminalHost> {
  /** Throws OmError UNREACHABLE with the reason. */
  openFiles(host: Host, signal: AbortSignal): Promise<HostFiles>;
}
