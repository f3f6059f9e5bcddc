import { fetchFile } from '@omanager/ssh-fleet';
import type { Body } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/execute/engine.ts';
import { fetchScript } from './hostScripts.ts';
import { openSftp } from './openSftp.ts';
import { fillPath } from './paths.ts';
import { type BodyRun, runQuietly } from './script.ts';
import type { BodyResult } from './types.ts';

const defaultMaxBytes = 4 * 1024 * 1024;

/** Reads a file of the host; its content is the output, within the output cap. */
export async function runFetch(
  run: BodyRun,
  body: Extract<Body, { kind: 'fetch' }>,
  write: HostIo['write'],
): Promise<BodyResult> {
  const { lease, input, manifest, signal, runAs } = run;
  const maxBytes = manifest.limits.outputBytes ?? defaultMaxBytes;
  const path = fillPath(body.from, input.params);
  if (runAs !== null) return runQuietly(run, fetchScript(path, maxBytes), { write });
  const sftp = await openSftp(lease, signal);
  try {
    const { bytes } = await fetchFile(sftp, path, { maxBytes, signal });
    await write('stdout', bytes);
    return { state: 'ok', exitCode: 0 };
  } finally {
    sftp.end();
  }
}
