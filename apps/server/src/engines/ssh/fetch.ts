import { fetchFile, SftpError } from '@omanager/ssh-fleet';
import type { Body } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/engine.ts';
import { type BodyResult, type BodyRun, fillPath } from './script.ts';

/** Reads a file of the host; its content is the output, within the output cap. */
export async function runFetch(
  run: BodyRun,
  body: Extract<Body, { kind: 'fetch' }>,
  write: HostIo['write'],
): Promise<BodyResult> {
  const { lease, input, manifest, io } = run;
  const sftp = await lease.sftp(io.aborted);
  try {
    const maxBytes = manifest.limits.outputBytes ?? defaultMaxBytes;
    const { bytes } = await fetchFile(sftp, fillPath(body.from, input.params), { maxBytes, signal: io.aborted });
    await write('stdout', bytes);
    return { state: 'ok', exitCode: 0 };
  } catch (error) {
    if (io.aborted.aborted) return { state: 'aborted', message: 'Aborted while reading the file.' };
    if (error instanceof SftpError) return { state: 'failed', message: error.message };
    throw error;
  } finally {
    sftp.end();
  }
}

const defaultMaxBytes = 4 * 1024 * 1024;
