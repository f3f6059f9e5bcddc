import type { Repo } from './repo.ts';

/** What a guard found wrong, and how much it looked at: a guard that saw nothing has proved nothing. */
export interface Verdict {
  looked: number;
  problems: string[];
}

export interface Guard {
  name: string;
  /** The least it must have looked at in this repository, and of what. */
  atLeast: number;
  what: string;
  look(repo: Repo): Verdict | Promise<Verdict>;
}

/** Runs a guard; seeing too little is a problem like any other. */
export async function problemsOf(guard: Guard, repo: Repo): Promise<string[]> {
  const { looked, problems } = await guard.look(repo);
  if (looked >= guard.atLeast) return problems;
  return [
    `looked at ${looked} ${guard.what} only, expected at least ${guard.atLeast}: has something moved?`,
    ...problems,
  ];
}
