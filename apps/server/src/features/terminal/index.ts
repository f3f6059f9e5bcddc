import { createHandlers, type TerminalHandlers } from './handlers.ts';
import { createKeeping } from './keeping.ts';
import { createTerminals, type TerminalsOptions } from './terminals.ts';

export interface Terminal {
  readonly handlers: TerminalHandlers;
  /** Marks what a process that died has left. Before the first one is opened. */
  begin(): Promise<void>;
  /** Ends terminals whose owner may not have them any more. */
  recheck(): Promise<void>;
  /** Every few minutes: what a dead process has left, and what is no longer kept. */
  sweep(signal: AbortSignal): Promise<void>;
  /** Ends them all, recorded. */
  close(): Promise<void>;
}

/** Recorded shells on servers, and their recordings. */
export function createTerminal(options: TerminalsOptions): Terminal {
  const terminals = createTerminals(options);
  const keeping = createKeeping(options);
  return {
    handlers: createHandlers(terminals, options),
    begin: keeping.begin,
    recheck: terminals.recheck,
    sweep: keeping.sweep,
    close: terminals.close,
  };
}
