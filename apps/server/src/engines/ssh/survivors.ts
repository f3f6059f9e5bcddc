import { setTimeout as sleep } from 'node:timers/promises';
import { parseSurvivors, survivorsScript } from '@omanager/task-module';
import { type ExecuteOptions, execute } from './execute.ts';

const lookMs = 10_000;
const maxListing = 65_536;

/** The wrapper's own timer sleeps a second at a time and is gone after that; so is what just takes its time to end. */
const secondLookMs = 1200;

type Looking = Pick<ExecuteOptions, 'lease' | 'runAs' | 'sudoPassword' | 'record'>;

/** Pids on the host that still carry an execution's mark; null where the host could not say. */
export async function findSurvivors(looking: Looking, mark: string): Promise<number[] | null> {
  const first = await look(looking, mark);
  if (first === null || first.length === 0) return first;
  await sleep(secondLookMs);
  return look(looking, mark);
}

async function look({ lease, runAs, sudoPassword, record }: Looking, mark: string): Promise<number[] | null> {
  let listing = '';
  try {
    const looked = await execute({
      lease,
      script: survivorsScript(mark),
      runAs,
      sudoPassword,
      secret: false,
      timeoutMs: lookMs,
      record: `${record}.look`,
      aborted: new AbortController().signal,
      onOutput(stream, data) {
        if (stream === 'stdout' && listing.length < maxListing) listing += Buffer.from(data).toString('utf8');
      },
    });
    return looked.end === 'exited' && looked.code === 0 ? parseSurvivors(listing).map(({ pid }) => pid) : null;
  } catch {
    return null;
  }
}
