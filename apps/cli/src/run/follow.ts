import type { Client } from '@omanager/client';
import { finalHostStates, finalRunStates, type HostRun, type Run } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { exitCodes, Interrupted } from '../errors.ts';
import { dim, yellow } from '../io/text.ts';
import { createProgress } from './progress.ts';
import { createWaveQuestion, PausedBetweenWaves, sayPaused } from './waveQuestion.ts';

/** The progress line changes at most ten times a second; where there is none, a line comes now and then. */
const redrawMs = 100;
const plainEveryMs = 10_000;

export const waitPausedHelp = 'keep waiting where the run pauses between waves, instead of asking or letting go';

interface Followed {
  runId: string;
  /** The revision from which on --json reports servers. */
  after?: number;
  waitPaused?: boolean | undefined;
}

/**
 * Watches a run to its end, showing how it goes. Null when it was let go of, by the operator (Ctrl-C) or because it is
 * paused and nobody is there to say how to go on: the run stays as it is, and how to come back has been said.
 */
export async function followRun(
  cli: Cli,
  client: Client,
  { runId, after = 0, waitPaused = false }: Followed,
): Promise<Run | null> {
  const { out } = cli;
  const letGo = new AbortController();
  const signal = AbortSignal.any([cli.signal, letGo.signal]);
  const question = createWaveQuestion(cli, client, { waitPaused, letGo: (reason) => letGo.abort(reason) });
  const progress = createProgress();
  const reported = new Map<number, number>();
  let last: Run | undefined;
  let saidAt = Date.now();

  const redraw = (): void => {
    const now = Date.now();
    if (question.asking) return;
    if (out.statusColumns !== null) out.status(progress.text(now, out.statusColumns - 1));
    else if (now - saidAt >= plainEveryMs) {
      saidAt = now;
      out.note(progress.text(now, 200));
    }
  };
  const timer = setInterval(redraw, redrawMs);
  try {
    for await (const { run, hosts } of client.stream('runs.watch', { runId, after, hosts: out.json }, { signal })) {
      progress.update(run, Date.now());
      reportState(run);
      for (const host of hosts) reportHost(host);
      last = run;
      question.update(run);
    }
    // The server ends the stream with the run, after the last server was told.
    return last ?? (await client.call('runs.get', { runId }, { signal }));
  } catch (error) {
    out.status('');
    if (error instanceof PausedBetweenWaves) sayPaused(cli, error.run);
    else if (error instanceof Interrupted) sayDetached(cli, runId, last);
    else throw error;
    return null;
  } finally {
    clearInterval(timer);
    question.end();
    out.status('');
  }

  /** What steers the run, when it changes. */
  function reportState(run: Run): void {
    const { state, control, wave, holdUntil, stopReason } = run;
    const now = { state, control, wave, holdUntil, stopReason };
    const before = last && {
      state: last.state,
      control: last.control,
      wave: last.wave,
      holdUntil: last.holdUntil,
      stopReason: last.stopReason,
    };
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    out.data({ type: 'state', runId, ...now });
    if (finalRunStates.has(state)) return;
    if (stopReason !== null && stopReason !== before?.stopReason) out.note(yellow('Stopping: '), stopReason);
    else if (before !== undefined && out.statusColumns === null) out.note(progress.text(Date.now(), 200));
  }

  function reportHost(host: HostRun): void {
    if (!finalHostStates.has(host.state) || reported.get(host.ordinal) === host.attempt) return;
    reported.set(host.ordinal, host.attempt);
    out.data({ type: 'host', runId, ...host });
  }
}

function sayDetached(cli: Cli, runId: string, run: Run | undefined): void {
  cli.setExitCode(exitCodes.other);
  cli.out.data({ type: 'detached', runId });
  const paused = run?.state === 'paused';
  cli.out.note(paused ? 'Detached; the run stays paused.' : 'Detached; the run goes on without you.');
  if (paused) cli.out.note(dim('  go on      '), `om runs resume ${runId}`);
  cli.out.note(dim('  come back  '), `om runs watch ${runId}`);
  cli.out.note(dim('  stop it    '), `om runs stop ${runId}`, dim('   what runs is finished, the rest never starts'));
  cli.out.note(dim('  end it     '), `om runs abort ${runId}`, dim('  what runs is ended too'));
}
