import { remoteText } from '@omanager/ssh-fleet';
import { type ProbeResult, parseProbe, probeScript } from '@omanager/task-module';
import type { Probed } from '../../features/runs/claims/exchange.ts';
import { ask as askHost } from './ask.ts';
import { maskTail } from './masking.ts';
import { askedOf, type BodyRun, recordsOf } from './script.ts';

export type ProbeRun = Pick<
  BodyRun,
  'job' | 'lease' | 'manifest' | 'input' | 'credential' | 'agentKey' | 'runAs' | 'lost'
>;

/** From TERM to KILL for what is left of a lost attempt. */
const killAfterMs = 10_000;
const killWithinMs = killAfterMs + 20_000;

const nothing: Omit<Probed, 'found' | 'message'> = { exitCode: null, pid: null, survivors: [], tail: null };

export function notReached(message: string): Probed {
  return { ...nothing, found: 'unreachable', message };
}

/**
 * Asks the host what became of an attempt, and ends what is left of it when told to. An attempt that ran nothing, because an earlier one was
 * still alive, is answered for by that one.
 */
export async function probeHost(run: ProbeRun, ask: 'look' | 'kill', signal: AbortSignal): Promise<Probed> {
  let first: ProbeResult | undefined;
  for (const attempt of [run.job.attempt, ...run.lost.filter((earlier) => earlier < run.job.attempt)]) {
    const found = await askRecord(run, attempt, ask, signal);
    signal.throwIfAborted();
    if ('failed' in found)
      return notReached(`The server was reached, but could not be asked what became of the script: ${found.failed}`);
    first ??= found;
    if (found.state !== 'unknown' || found.reason !== 'no_record') return probed(run, found, ask);
  }
  return probed(run, first ?? { state: 'unknown', reason: 'no_record', left: [] }, ask);
}

/** What the records of an attempt say, or why the host could not be asked. */
export async function askRecord(
  run: Pick<BodyRun, 'job' | 'lease' | 'manifest' | 'credential' | 'runAs'>,
  attempt: number,
  ask: 'look' | 'kill',
  signal: AbortSignal,
): Promise<ProbeResult | { failed: string }> {
  let found: ProbeResult | undefined;
  for (const { record, final } of recordsOf(run.manifest, run.job, attempt)) {
    const script = probeScript(record, ask === 'kill' ? { killAfterMs } : {});
    const answer = await askHost(askedOf(run), script, {
      signal,
      ...(ask === 'kill' ? { withinMs: killWithinMs } : {}),
    });
    if ('failed' in answer) return { failed: remoteText(answer.failed) };
    const said = parseProbe(answer.said);
    if (said === undefined) return { failed: 'its answer makes no sense.' };
    // A step that went well is not the end of the body.
    if (said.state === 'finished' && said.exitCode === 0 && !final)
      return { state: 'unknown', reason: 'gone', left: said.left };
    found = said;
    if (said.state !== 'unknown' || said.reason !== 'no_record') return said;
  }
  return found ?? { failed: 'its answer makes no sense.' };
}

function probed(run: ProbeRun, found: ProbeResult, ask: 'look' | 'kill'): Probed {
  const survivors = found.left;
  const left = survivors.length > 0 ? ` Still running: pid ${survivors.join(', ')}.` : '';
  const killed = ask === 'kill' && left === '' ? ' Nothing of it is left.' : left;
  switch (found.state) {
    case 'finished': {
      const { exitCode } = found;
      const tail = found.tail === null ? null : maskTail(run, found.tail);
      return {
        ...nothing,
        found: 'finished',
        exitCode,
        survivors,
        tail,
        message: `The server says that the script ended with exit code ${exitCode}.${killed}`,
      };
    }
    case 'running':
      return { ...nothing, found: 'running', pid: found.pid, survivors, message: `Still running: pid ${found.pid}.` };
    case 'unknown':
      return { ...nothing, found: 'unknown', survivors, message: `${whyUnknown(found.reason)}${killed}` };
  }
}

function whyUnknown(reason: Extract<ProbeResult, { state: 'unknown' }>['reason']): string {
  switch (reason) {
    case 'no_record':
      return 'The server has no record of the script: it never began, or its record was removed.';
    case 'rebooted':
      return 'The server was restarted before the script had ended.';
    case 'gone':
      return 'The script was killed on the server; how far it came is not known.';
  }
}
