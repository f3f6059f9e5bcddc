import { dependencies } from './dependencies.ts';
import { cycles, direction } from './direction.ts';
import { docs } from './docs.ts';
import { type Guard, problemsOf } from './guard.ts';
import { type Job, type Outcome, runJobs, tool } from './jobs.ts';
import { readRepo } from './repo.ts';
import { tables } from './tables.ts';
import { lockfile, mentions, size, skips, words } from './text.ts';

/** `npm run check`: types, format and lint, dead code, and the guards, each a small function over the whole repository. */
const repo = readRepo();
const guards: readonly Guard[] = [
  direction,
  cycles,
  tables,
  dependencies,
  docs,
  mentions,
  words,
  skips,
  size,
  lockfile,
];
const projects = [...repo.keys()].filter((path) => /^((apps|packages)\/[^/]+\/)?tsconfig\.json$/.test(path));

const jobs: Job[] = [
  // The root's first: it takes longest, and nothing should wait for it alone at the end.
  ...projects.toSorted((a, b) => a.length - b.length).map((path) => tool(`types of ${path}`, 'tsc', ['-p', path])),
  tool('format and lint (biome)', 'biome', ['ci', '--colors=off', '--max-diagnostics=20', '--error-on-warnings', '.']),
  tool('dead code (knip)', 'knip', ['--no-progress']),
  ...guards.map((guard) => ({ name: guard.name, run: () => problemsOf(guard, repo) })),
];

function tell({ name, problems, ms }: Outcome): void {
  console.log(`${problems.length ? 'FAIL' : 'ok  '} ${name} (${(ms / 1000).toFixed(1)} s)`);
}

const began = performance.now();
const failed = (await runJobs(jobs, 2, tell)).filter(({ problems }) => problems.length > 0);
for (const { name, problems } of failed) console.log(`\n--- ${name}\n${problems.join('\n')}`);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
if (failed.length > 0) {
  console.log(`\n${failed.length} of ${jobs.length} checks failed (${seconds} s)`);
  process.exitCode = 1;
} else console.log(`\nall ${jobs.length} checks passed (${seconds} s)`);
