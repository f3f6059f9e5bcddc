import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writePrivate } from './files.ts';

const schema = z.object({ unclean: z.int().min(0) });
/** A page that lived for so long is no part of a row of crashes. */
const steadyMs = 60_000;

export interface CrashGuard {
  /** Two ends in a row were crashes: begin anew, and offer what was open. */
  cleanStart(): boolean;
  /** The page died: whether to load it again. */
  pageCrashed(): 'reload' | 'clean' | 'stop';
  quitCleanly(): void;
}

/** Counts ends that nobody asked for, across starts. */
export function createCrashGuard(folder: string, now: () => number = Date.now): CrashGuard {
  const path = join(folder, 'crashes.json');
  const before = schema.safeParse(readJson(path)).data?.unclean ?? 0;
  let clean = before >= 2;
  let inARow = 0;
  let lastAt = now();
  // Taken back by a quit; whoever reads it before that knows that this start has ended otherwise.
  writePrivate(path, JSON.stringify({ unclean: before + 1 }));

  return {
    cleanStart: () => clean,
    pageCrashed() {
      const at = now();
      inARow = at - lastAt > steadyMs ? 1 : inARow + 1;
      lastAt = at;
      if (inARow === 1) return 'reload';
      clean = true;
      return inARow === 2 ? 'clean' : 'stop';
    },
    quitCleanly: () => writePrivate(path, JSON.stringify({ unclean: 0 })),
  };
}
