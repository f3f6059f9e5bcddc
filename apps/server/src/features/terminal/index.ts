import { OmError } from '@omanager/contract';
import { createFileHandlers, type FileHandlers } from './files/handlers.ts';
import { createHolds } from './files/holds.ts';
import type { FilePorts } from './files/ports.ts';
import { createHandlers, type TerminalHandlers } from './handlers.ts';
import { createKeeping } from './keeping.ts';
import { createTerminals, type TerminalsOptions } from './terminals.ts';

export interface Terminal {
  readonly handlers: TerminalHandlers & FileHandlers;
  /** Marks what a process that died has left. Before the first one is opened. */
  begin(): Promise<void>;
  /** Ends terminals and transfers whose owner may not have them any more. */
  recheck(): Promise<void>;
  /** Every few minutes: what a dead process has left, and what is no longer kept. */
  sweep(signal: AbortSignal): Promise<void>;
  /** Ends them all, recorded. */
  close(): Promise<void>;
}

export type TerminalOptions = TerminalsOptions & { ports: FilePorts };

/** What a person does on a server by hand: recorded shells, and files. */
export function createTerminal(options: TerminalOptions): Terminal {
  const terminals = createTerminals(options);
  const keeping = createKeeping(options);
  const holds = createHolds({ ...options, hostsNow: options.ports.hostsNow });
  return {
    handlers: { ...createHandlers(terminals, options), ...createFileHandlers({ ...options, holds }) },
    begin: keeping.begin,
    async recheck() {
      await Promise.all([terminals.recheck(), holds.recheck()]);
    },
    sweep: keeping.sweep,
    async close() {
      await Promise.all([holds.close(new OmError('BUSY', 'The server is stopping.')), terminals.close()]);
    },
  };
}
