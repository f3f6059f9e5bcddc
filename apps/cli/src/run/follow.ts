import type { Client } from '@omanager/client';
import { finalHostStates, type HostRun, type Run } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { exitCodes, Interrupted } from '../errors.ts';
import { dim } from '../io/text.ts';
import { createProgress } from './progress.ts';

/** The progress line changes at most ten times a second; where there is none, a line comes now and then. */
const redrawMs = 100;
const plainEveryMs = 10_000;

/**
 * Watches a run to its end, showing how it goes. Null when the operator let go of it (Ctrl-C): the run goes on, and
 * how to come back has been said. `after`: the revision from which on --json reports servers.
 */
export async function followRun(
  cli: Cli,
  client: Client,
  { runId, after = 0 }: { runId: string; after?: number },
): Promise<Run | null> {
  const { out, signal } = cli;
  const progress = createProgress();
  const reported = new Map<number, number>();
  let last: Run | undefined;
  let saidAt = Date.now();

  const redraw = (): void => {
    const now = Date.now();
    if (out.statusColumns !== null) out.status(progress.text(now, out.statusColumns - 1));
    else if (now - saidAt >= plainEveryMs) {
      saidAt = now;
      out.note(progress.text(now, 200));
    }
  };
  const timer = setInterval(redraw, redrawMs);
  try {
    for await (const { run, hosts } of client.stream('runs.watch', { runId, after, hosts: out.json }, { signal })) {
      last = run;
      progress.update(run, Date.now());
      for (const host of hosts) reportHost(host);
    }
    // The server ends the stream with the run, after the last server was told.
    return last ?? (await client.call('runs.get', { runId }, { signal }));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    out.status('');
    sayDetached(cli, runId);
    return null;
  } finally {
    clearInterval(timer);
    out.status('');
  }

  function reportHost(host: HostRun): void {
    if (!finalHostStates.has(host.state) || reported.get(host.ordinal) === host.attempt) return;
    reported.set(host.ordinal, host.attempt);
    out.data({ type: 'host', runId, ...host });
  }
}

function sayDetached(cli: Cli, runId: string): void {
  cli.setExitCode(exitCodes.other);
  cli.out.data({ type: 'detached', runId });
  cli.out.note('Detached; the run goes on without you.');
  cli.out.note(dim('  come back  '), `om runs watch ${runId}`);
  cli.out.note(dim('  end it     '), `om runs abort ${runId}`);
}
