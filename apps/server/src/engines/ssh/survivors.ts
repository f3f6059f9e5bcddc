import { parseSurvivors, survivorsScript } from '@omanager/task-module';
import { type ExecuteOptions, execute } from './execute.ts';

const lookMs = 10_000;
const maxListing = 65_536;

/** Pids on the host that still carry an execution's mark; null where the host could not say. */
export async function findSurvivors(
  { lease, runAs, sudoPassword, record }: Pick<ExecuteOptions, 'lease' | 'runAs' | 'sudoPassword' | 'record'>,
  mark: string,
): Promise<number[] | null> {
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
