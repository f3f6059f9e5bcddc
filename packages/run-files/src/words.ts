import type { HostState, RunState } from '@omanager/contract';

/** What a file says beside names, numbers and output, in the language of who takes it. */
export interface FileWords {
  /** Of the facts of the run: module, stateOf, servers, by, created, ended, plan. */
  readonly of: Readonly<Record<string, string>>;
  state(state: HostState | RunState): string;
  exit(code: number | null): string;
}
