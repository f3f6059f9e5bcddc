import type { Knex } from 'knex';

/** What terminals need of others, as narrow as they use it. */

interface Place {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly zoneId: string;
  readonly credentialId: string | null;
  readonly credential: { readonly name: string; readonly version: number } | null;
}

export interface TerminalHost extends Place {
  readonly id: string;
  readonly zone: string;
  readonly environment: string;
  /** Jump hosts on the way. */
  readonly route: readonly Place[];
}

export interface ShellProcess {
  readonly stdin: { write(bytes: Uint8Array): Promise<void> };
  /** Rejects when the connection died. */
  readonly done: Promise<{ code: number | null; signal?: string }>;
  resize(size: { cols: number; rows: number }): void;
  kill(): void;
}

export interface ShellWish {
  size: { cols: number; rows: number };
  term: string;
  env: Readonly<Record<string, string>>;
  /** While a returned promise is pending the shell waits. */
  onData: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>;
  signal: AbortSignal;
}

export interface TerminalPorts<Host extends TerminalHost = TerminalHost> {
  resolve(on: Knex, selector: string): Promise<readonly Host[]>;
  /** Those of these servers that are still there. */
  hostsNow(ids: readonly string[]): Promise<readonly Host[]>;
  openShell(host: Host, wish: ShellWish): Promise<{ shell: ShellProcess; release(): void } | { unreachable: string }>;
  /** Zones that only zone workers reach. */
  workerZones(): ReadonlySet<string>;
  diskIsLow(): boolean;
}

export interface TerminalSettings {
  /** Without a key for so long it ends. */
  idleMs: number;
  recordInput: boolean;
  /** One recording may become so large. */
  capBytes: number;
  keepMs: number | null;
  keepBytes: number | null;
}
