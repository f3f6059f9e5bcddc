import type { Config } from '../config.ts';

/** Where people read: `isTTY` says that it is a terminal. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What main.ts takes from the process and hands to a command. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** SIGTERM or Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What every command works with. */
export interface Terminal {
  readonly signal: AbortSignal;
  /** True when a person reads what is said. */
  readonly interactive: boolean;
  /** A line of the result, to standard output. */
  say(line: string): void;
  /** A line beside the result, to standard error. */
  note(line: string): void;
  /** The settings. Throws ConfigError that names every mistake. */
  config(): Config;
  readonly env: Surroundings['env'];
}
