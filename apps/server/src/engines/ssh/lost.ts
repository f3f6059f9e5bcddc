import { setTimeout as sleep } from 'node:timers/promises';
import { type ProbeResult, parseProbe, probeScript } from '@omanager/task-module';
import { ask } from './ask.ts';
import { graceMs } from './execute.ts';
import { askedOf, type BodyResult, type BodyRun, recordOf } from './script.ts';

const firstWaitMs = 250;
const longestWaitMs = 5000;

/**
 * Asks the host what became of earlier attempts that are lost, newest first: none is run again while it runs or when it
 * has finished. Undefined when the host knows of none, so that the body may run.
 */
export async function followLost(run: BodyRun): Promise<BodyResult | undefined> {
  for (const attempt of run.lost) {
    const result = await follow(run, attempt);
    if (result) return result;
  }
  return undefined;
}

/** Waits for the end of an attempt that still runs; an abort ends it. */
async function follow(run: BodyRun, attempt: number): Promise<BodyResult | undefined> {
  const { aborted } = run.io;
  let told: { at: number } | undefined;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    const signal = signalFor(aborted, told);
    if (signal) told ??= { at: performance.now() };
    const found = await probe(run, attempt, signal);
    if (found === 'silent') return undefined;
    if (found?.state === 'unknown' && !told) return undefined;
    if (found && found.state !== 'running') return told ? ended(attempt) : finished(attempt, found);
    const late = told ? performance.now() - told.at > 2 * graceMs : performance.now() > run.until;
    if (found === undefined || late) return unclear(attempt, found);
    await sleep(told ? firstWaitMs : waitMs, undefined, told ? {} : { signal: aborted }).catch(() => {});
  }
}

function signalFor(aborted: AbortSignal, told: { at: number } | undefined): 'TERM' | 'KILL' | undefined {
  if (!aborted.aborted) return undefined;
  if (!told) return 'TERM';
  return performance.now() - told.at > graceMs ? 'KILL' : undefined;
}

/** `silent`: it could not be asked at all; the body will say why. Undefined: what it answered makes no sense. */
async function probe(
  run: BodyRun,
  attempt: number,
  signal: 'TERM' | 'KILL' | undefined,
): Promise<ProbeResult | 'silent' | undefined> {
  const script = probeScript(recordOf(run.job, attempt), signal === undefined ? {} : { signal });
  const answer = await ask(askedOf(run), script, 'probe');
  return answer === null ? 'silent' : parseProbe(answer);
}

function finished(attempt: number, found: ProbeResult): BodyResult | undefined {
  if (found.state !== 'finished') return undefined;
  const { exitCode } = found;
  const message = `Attempt ${attempt} had finished on the server with exit code ${exitCode}, so nothing was run again.`;
  return { state: exitCode === 0 ? 'ok' : 'failed', exitCode, message };
}

function ended(attempt: number): BodyResult {
  return { state: 'aborted', exitCode: null, message: `Aborted; attempt ${attempt}, which still ran, was ended.` };
}

function unclear(attempt: number, found: ProbeResult | undefined): BodyResult {
  if (found?.state !== 'running')
    return {
      state: 'lost',
      message: `The server could not say what became of attempt ${attempt}, so nothing was run; how it ended is not known.`,
    };
  const message = `Attempt ${attempt} still runs on the server as pid ${found.pid}, so nothing was run; how it will end is not known.`;
  return { state: 'lost', message, survivors: [found.pid] };
}
