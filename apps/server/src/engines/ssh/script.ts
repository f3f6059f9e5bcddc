import { type Lease, remoteText } from '@omanager/ssh-fleet';
import {
  type Manifest,
  type RenderedScript,
  renderScript,
  renderShell,
  type ShellValue,
  secretParamsOf,
} from '@omanager/task-module';
import type { HostIo, HostJob } from '../../features/runs/execute/engine.ts';
import type { FrozenHost, RunInput } from '../../features/runs/ports.ts';
import type { Asked } from './ask.ts';
import { type Called, type Collected, type Executed, execute } from './execute.ts';
import type { Filtering } from './filtering.ts';
import type { ShardAgentKey } from './shard.ts';
import { findSurvivors } from './survivors.ts';
import type { BodyResult, OpenedCredential } from './types.ts';

/** Everything that one body needs to run on one host. */
export interface BodyRun {
  job: HostJob;
  host: FrozenHost;
  lease: Lease;
  manifest: Manifest;
  input: RunInput;
  credential: OpenedCredential | undefined;
  /** When the time of the host is up, in ms of `performance.now()`. */
  until: number;
  timeoutMs: number;
  runAs: string | null;
  /** Earlier attempts of which nobody knows how they ended, newest first. */
  lost: readonly number[];
  /** The key that the host's agent is to sign with. */
  agentKey: ShardAgentKey | undefined;
  io: HostIo;
  /** Aborted with the run, and when the time is up. */
  signal: AbortSignal;
  /** Wrappers that wait on the host until the result is stored. */
  collecting: Collected[];
  /** Which lines of its output are kept; none: all. */
  filtering?: Filtering | undefined;
}

interface ScriptOptions {
  write: HostIo['write'];
  /** A folder on the host that goes when the script has ended. */
  filesFolder?: string | undefined;
  /** Which step of the body this is, where it has several. */
  step?: string;
}

/** A step always gets some time: what it stands for is decided by its end, not by a race of clocks. */
const shortestMs = 1000;

/** Runs a rendered script to its end and says how it went. */
export async function runScript(
  run: BodyRun,
  script: RenderedScript,
  { write, filesFolder, step }: ScriptOptions,
): Promise<BodyResult> {
  const { manifest } = run;
  const asked = askedOf(run);
  const record = recordOf(run.job, run.job.attempt);
  const done = await execute({
    ...asked,
    script,
    record: step === undefined ? record : `${record}.${step}`,
    // What changes a host is not to stop half way because a network broke.
    keepTail: manifest.risk !== 'read' && !manifest.follow,
    endsWithChannel: manifest.follow ?? false,
    shell: manifest.body.kind === 'shell' ? manifest.body.shell : undefined,
    secret: secretParamsOf(manifest).length > 0 || run.agentKey !== undefined,
    timeoutMs: Math.max(shortestMs, run.until - performance.now()),
    filesFolder,
    aborted: run.io.aborted,
    stopped: manifest.follow ? run.io.stopped : undefined,
    graceMs: run.io.graceMs,
    onOutput: write,
  });
  switch (done.end) {
    case 'refused':
      return { state: 'failed', message: remoteText(done.message), exitCode: null };
    case 'aborted':
    case 'stopped':
    case 'timed_out': {
      if (done.cut)
        return {
          state: 'lost',
          message: `${calledOff(done.end, run.timeoutMs)}, but the connection died: could not verify that it has ended on the server.`,
        };
      const survivors = done.traces === null ? [] : await findSurvivors(asked, done.traces);
      const inOrder = done.traces !== null && survivors?.length === 0;
      if (manifest.follow && done.end !== 'aborted' && inOrder) return followed(run, done.end);
      return {
        state: done.end === 'stopped' ? 'aborted' : done.end,
        exitCode: done.code,
        survivors: survivors ?? [],
        message: endedMessage(done, survivors, run.timeoutMs),
      };
    }
    case 'exited':
      if (done.collected) run.collecting.push(done.collected);
      if (done.code === null)
        return {
          state: 'lost',
          message: 'The channel closed without an exit status; how the script ended is not known.',
        };
      return { state: done.code === 0 ? 'ok' : 'failed', exitCode: done.code };
  }
}

/** Whom to talk with on the host, and as which user. */
export function askedOf({ lease, runAs, credential }: Pick<BodyRun, 'lease' | 'runAs' | 'credential'>): Asked {
  const secret = credential?.secret;
  const sudoPassword = secret?.sudoPassword ?? (secret?.kind === 'password' ? secret.password : undefined);
  return { lease, runAs, sudoPassword };
}

/** Names what an attempt leaves on the host. */
function recordOf({ runId, ordinal }: HostJob, attempt: number): string {
  return `${runId}.${ordinal}.${attempt}`;
}

/** What an attempt may have left on the host, the last step of the body first; `final` where its end is that of the body. */
export function recordsOf({ body }: Manifest, job: HostJob, attempt: number): { record: string; final: boolean }[] {
  const record = recordOf(job, attempt);
  if (body.kind !== 'copy') return [{ record, final: true }];
  const install = { record: `${record}.install`, final: body.after === undefined };
  return body.after === undefined ? [install] : [{ record, final: true }, install];
}

/** Runs a script of our own: what it complains about is the message, not output. */
export async function runQuietly(run: BodyRun, script: RenderedScript, options: ScriptOptions): Promise<BodyResult> {
  let complaint = '';
  const result = await runScript(run, script, {
    ...options,
    write(stream, data) {
      if (stream === 'stdout') return options.write(stream, data);
      if (complaint.length < 4096) complaint += Buffer.from(data).toString('utf8');
    },
  });
  if (result.state !== 'failed' || complaint === '') return result;
  return { ...result, message: remoteText(complaint) };
}

/** What follows has no end of its own: being told to end is how it ends well. */
function followed({ until, timeoutMs, io }: BodyRun, end: 'stopped' | 'timed_out'): BodyResult {
  const lasted = durationOf(timeoutMs - (until - performance.now()));
  if (end === 'stopped' && io.stopped.reason === 'shutdown')
    return {
      state: 'aborted',
      exitCode: null,
      message: `Followed for ${lasted}, then OMServer stopped; retry to go on.`,
    };
  const why = end === 'stopped' ? 'then it was stopped' : 'then its time was up';
  return { state: 'ok', exitCode: null, message: `Followed for ${lasted}, ${why}.` };
}

/** How a body ended that was called off before it did anything. */
export function nothingRun({ io, manifest, timeoutMs }: BodyRun): BodyResult {
  const end = io.aborted.aborted ? 'aborted' : manifest.follow && io.stopped.aborted ? 'stopped' : 'timed_out';
  const message = endedMessage({ end, traces: null }, [], timeoutMs);
  return { state: end === 'stopped' ? 'aborted' : end, exitCode: null, message };
}

function endedMessage(
  { end, traces }: Pick<Extract<Executed, { end: Called }>, 'end' | 'traces'>,
  survivors: number[] | null,
  timeoutMs: number,
): string {
  const what = calledOff(end, timeoutMs);
  if (traces === null) return `${what}; nothing was run on the server.`;
  if (survivors === null) return `${what}; could not verify that nothing of it is left on the server.`;
  if (survivors.length === 0) return `${what}; nothing of it is left on the server.`;
  return `${what}; still running: pid ${survivors.join(', ')}.`;
}

function calledOff(end: Called, timeoutMs: number): string {
  switch (end) {
    case 'aborted':
      return 'Aborted';
    case 'stopped':
      return 'Stopped';
    case 'timed_out':
      return `Did not finish within ${timeoutMs / 1000} s`;
  }
}

/** 45 s, 12 m 5 s, 3 h 20 m. */
function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] =
    seconds >= 3600
      ? [
          [Math.floor(seconds / 3600), 'h'],
          [Math.floor(seconds / 60) % 60, 'm'],
        ]
      : [
          [Math.floor(seconds / 60), 'm'],
          [seconds % 60, 's'],
        ];
  return parts.flatMap(([n, unit]) => (n > 0 ? [`${n} ${unit}`] : [])).join(' ') || '0 s';
}

export function render(
  manifest: Manifest,
  params: Record<string, unknown>,
  env: Record<string, string>,
): RenderedScript {
  const values = shellValues(manifest, params);
  const { body } = manifest;
  if (body.kind === 'script') return renderScript({ ...body, params: values, env });
  return renderShell({
    source: body.kind === 'shell' ? body.source : body.kind === 'copy' ? (body.after ?? '') : '',
    params: values,
    env,
  });
}

/** Every param of the manifest has a value in the script, given or empty: `set -u` and typing mistakes behave. */
function shellValues(manifest: Manifest, params: Record<string, unknown>): Record<string, ShellValue> {
  return Object.fromEntries(Object.keys(manifest.params.properties).map((name) => [name, toShellValue(params[name])]));
}

function toShellValue(value: unknown): ShellValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(String);
  return undefined;
}

export function environmentOf({ job, host }: Pick<BodyRun, 'job' | 'host'>): Record<string, string> {
  return { OM_RUN: job.runId, OM_ATTEMPT: String(job.attempt), OM_HOST: host.name };
}
