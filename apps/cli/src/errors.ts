import { type ErrorCode, OmError } from '@omanager/contract';

/** What the exit code tells a script. */
export const exitCodes = { ok: 0, other: 1, someNotOk: 2, refused: 3, paused: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure with a message for the operator; `refused` when trying the same again is pointless. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.refused) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** The operator pressed Ctrl-C (or the system asked to end). */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
    this.name = 'Interrupted';
  }
}

/** The server or the way to it failed; everything else says that the request itself was not accepted. */
const failures: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'PARSE_ERROR',
  'METHOD_NOT_FOUND',
  'BUSY',
  'DISCONNECTED',
  'UNREACHABLE',
]);

export interface Failure {
  exitCode: ExitCode;
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

/** What to say about anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return { exitCode: error.exitCode, code: 'CLI', message: error.message };
  if (error instanceof Interrupted) return { exitCode: exitCodes.other, code: 'INTERRUPTED', message: error.message };
  if (error instanceof OmError) {
    const exitCode = failures.has(error.code) ? exitCodes.other : exitCodes.refused;
    const { code, message, details } = error;
    return { exitCode, code, message, ...(details && { details }) };
  }
  return {
    exitCode: exitCodes.other,
    code: 'INTERNAL',
    message: error instanceof Error ? error.message : String(error),
  };
}
