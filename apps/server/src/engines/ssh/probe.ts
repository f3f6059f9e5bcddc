import { parseProbe, probeScript } from '@omanager/task-module';
import type { Probed } from '../../features/runs/engine.ts';
import { ask as askHost } from './ask.ts';
import { askedOf, type BodyRun, recordOf } from './script.ts';

export type ProbeRun = Pick<BodyRun, 'job' | 'lease' | 'manifest' | 'input' | 'credential' | 'runAs'>;

const nothing: Omit<Probed, 'found' | 'message'> = { exitCode: null, pid: null, survivors: [], tail: null };

export function notReached(message: string): Probed {
  return { ...nothing, found: 'unreachable', message };
}

/** Asks the host what became of an attempt. */
export async function probeHost(run: ProbeRun, ask: 'look' | 'kill', signal: AbortSignal): Promise<Probed> {
  signal.throwIfAborted();
  const script = probeScript(recordOf(run.job, run.job.attempt), ask === 'kill' ? { signal: 'TERM' } : {});
  const answer = await askHost(askedOf(run), script, 'probe');
  if (answer === null) return notReached('The server was reached but could not be asked.');
  const found = parseProbe(answer);
  switch (found?.state) {
    case 'finished':
      return {
        ...nothing,
        found: 'finished',
        exitCode: found.exitCode,
        message: `It had finished with exit code ${found.exitCode}.`,
      };
    case 'running':
      return { ...nothing, found: 'running', pid: found.pid, message: `It still runs as pid ${found.pid}.` };
    default:
      return { ...nothing, found: 'unknown', message: 'The server does not know what became of it.' };
  }
}
