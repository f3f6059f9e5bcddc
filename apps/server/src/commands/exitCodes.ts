/** How omserver ends; docs/operating.md lists exactly these (a test compares them). */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** It could not be done: a file, the network, the database, a mistake of ours. */
  failed: 1,
  /** `doctor` found a problem, or `audit verify` something that is not as it was. */
  problems: 2,
  /** Wrong usage, wrong settings, or refused; `modules validate` found mistakes. */
  refused: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A mistake of the operator, told in a message that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
