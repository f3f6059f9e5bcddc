import type { HostIo } from '../../features/runs/execute/engine.ts';
import { maskTail } from './masking.ts';
import { askRecord } from './probe.ts';
import type { BodyRun } from './script.ts';
import type { BodyResult } from './types.ts';

/**
 * Asks the host what became of earlier attempts that are lost, newest first: nothing is run again that has finished, and nothing beside
 * what is still alive, unless told so. Undefined when the body may run.
 */
export async function followLost(run: BodyRun, write: HostIo['write']): Promise<BodyResult | undefined> {
  for (const attempt of run.lost) {
    const result = await follow(run, attempt, write);
    if (result) return result;
  }
  return undefined;
}

async function follow(run: BodyRun, attempt: number, write: HostIo['write']): Promise<BodyResult | undefined> {
  const found = await askRecord(run, attempt, 'look', run.signal);
  // Still lost, not aborted: the next retry has to ask again.
  if (run.signal.aborted)
    return {
      state: 'lost',
      message: `Called off before anything was run; what became of attempt ${attempt} is not known.`,
    };
  if ('failed' in found) {
    if (run.job.force) return undefined;
    const message = `The server could not be asked what became of attempt ${attempt}, so nothing was run: ${found.failed}`;
    return { state: 'lost', message };
  }
  if (found.state === 'finished') {
    const { exitCode } = found;
    if (found.tail) await write('stdout', maskTail(run, found.tail));
    const message = `Attempt ${attempt} had finished on the server with exit code ${exitCode}, so nothing was run again.`;
    return { state: exitCode === 0 ? 'ok' : 'failed', exitCode, message };
  }
  const alive = found.state === 'running' ? [found.pid] : found.left;
  if (alive.length === 0 || run.job.force) return undefined;
  const message = `Attempt ${attempt} is still running as pid ${alive.join(', ')}, so nothing was run. Wait for its end, kill it, or retry with force to run beside it.`;
  return { state: 'lost', message, survivors: alive };
}
