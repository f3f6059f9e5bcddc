import type { Repo } from './repo.ts';

/** A repository of a few files, for a guard's own test. */
export function repoOf(files: Record<string, string>): Repo {
  return new Map(Object.entries(files));
}

/** A package.json that has nothing wrong but what is given. */
export function manifest(name: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ name, version: '1.0.0', private: true, type: 'module', license: 'Apache-2.0', ...more });
}
