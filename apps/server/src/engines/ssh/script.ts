import type { Lease } from '@omanager/ssh-fleet';
import {
  type Manifest,
  type RenderedScript,
  renderScript,
  renderShell,
  type ShellValue,
  secretParamsOf,
} from '@omanager/task-module';
import type { HostAttempt, HostResult } from '../../features/runs/claims.ts';
import type { HostIo, HostJob } from '../../features/runs/engine.ts';
import type { FrozenHost, RunInput } from '../../features/runs/ports.ts';
import { execute } from './execute.ts';
import type { OpenedCredential } from './types.ts';

/** Everything that one body needs to run on one host. */
export interface BodyRun {
  job: HostJob;
  host: FrozenHost;
  lease: Lease;
  manifest: Manifest;
  input: RunInput;
  credential: OpenedCredential | undefined;
  timeoutMs: number;
  runAs: string | null;
  io: HostIo;
}

export type BodyResult = Omit<HostResult, keyof HostAttempt>;

/** Puts the values of text params into a path. The result is a path for SFTP, never shell. */
export function fillPath(path: string, params: RunInput['params']): string {
  return path.replaceAll(/\{([a-z][a-z0-9_]*)\}/g, (_whole, name) => String(params[name] ?? ''));
}

/** Runs a rendered script to its end and says how it went. */
export async function runScript(
  run: BodyRun,
  script: RenderedScript,
  filesFolder: string | undefined,
  write: HostIo['write'],
): Promise<BodyResult> {
  const { job, manifest, runAs, timeoutMs, io } = run;
  const done = await execute({
    lease: run.lease,
    script,
    shell: manifest.body.kind === 'shell' ? manifest.body.shell : undefined,
    runAs,
    sudoPassword:
      run.credential?.secret.sudoPassword ??
      (run.credential?.secret.kind === 'password' ? run.credential.secret.password : undefined),
    secret: secretParamsOf(manifest).length > 0,
    timeoutMs,
    record: `${job.runId}.${job.ordinal}.${job.attempt}`,
    filesFolder,
    aborted: io.aborted,
    onOutput: write,
  });
  switch (done.end) {
    case 'refused':
      return { state: 'failed', message: done.message, exitCode: null };
    case 'aborted':
    case 'timed_out':
      return {
        state: done.end,
        exitCode: done.code,
        survivors: done.survivors,
        message: survivorsMessage(done, timeoutMs),
      };
    case 'exited':
      if (done.code === null)
        return {
          state: 'lost',
          message: 'The channel closed without an exit status; how the script ended is not known.',
        };
      return { state: done.code === 0 ? 'ok' : 'failed', exitCode: done.code };
  }
}

function survivorsMessage(
  { end, survivors }: { end: 'aborted' | 'timed_out'; survivors: number[] },
  timeoutMs: number,
): string {
  const what = end === 'aborted' ? 'Aborted' : `Did not finish within ${timeoutMs / 1000} s`;
  if (survivors.length === 0) return `${what}; nothing of it is left on the server.`;
  return `${what}; still running on the server: pid ${survivors.join(', ')}.`;
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
