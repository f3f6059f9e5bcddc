import { createHash } from 'node:crypto';
import { copyFile, SftpError } from '@omanager/ssh-fleet';
import type { Body } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/engine.ts';
import { type BodyResult, type BodyRun, environmentOf, fillPath, render, runScript } from './script.ts';

/** Copies a file param to the host, atomically and verified, then runs the command that belongs to it. */
export async function runCopy(
  run: BodyRun,
  body: Extract<Body, { kind: 'copy' }>,
  write: HostIo['write'],
): Promise<BodyResult> {
  const { lease, input, manifest, io } = run;
  const file = input.files[body.file];
  if (!file) return { state: 'failed', message: `The plan holds no file for ${body.file}.` };
  const source = Buffer.from(file.data, 'base64');
  const [uid, gid] = body.owner?.split(':').map(Number) ?? [];
  const sftp = await lease.sftp(io.aborted);
  try {
    const copied = await copyFile(sftp, {
      source,
      to: fillPath(body.to, input.params),
      mode: body.mode === undefined ? undefined : Number.parseInt(body.mode, 8),
      owner: uid === undefined || gid === undefined ? undefined : { uid, gid },
      backup: body.backup,
      sha256: createHash('sha256').update(source).digest('hex'),
      signal: io.aborted,
    });
    await write('stdout', Buffer.from(`${copied.sha256}  ${fillPath(body.to, input.params)}\n`));
    if (copied.backup !== undefined) await write('stdout', Buffer.from(`backup ${copied.backup}\n`));
  } catch (error) {
    if (io.aborted.aborted)
      return { state: 'aborted', message: 'Aborted before the file was in place; the old one is untouched.' };
    if (error instanceof SftpError) return { state: 'failed', message: error.message };
    throw error;
  } finally {
    sftp.end();
  }
  if (body.after === undefined) return { state: 'ok', exitCode: 0 };
  return runScript(run, render(manifest, input.params, environmentOf(run)), undefined, write);
}
