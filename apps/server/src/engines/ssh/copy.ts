import { createHash, randomBytes } from 'node:crypto';
import { copyFile, filePlace, SftpError } from '@omanager/ssh-fleet';
import type { Body } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/execute/engine.ts';
import { installScript } from './hostScripts.ts';
import { openSftp } from './openSftp.ts';
import { fillPath } from './paths.ts';
import { type BodyRun, environmentOf, render, runQuietly, runScript } from './script.ts';
import { stageFiles } from './stage.ts';
import type { BodyResult } from './types.ts';

type CopyBody = Extract<Body, { kind: 'copy' }>;

/** Copies a file param to the host, atomically and verified, then runs the command that belongs to it. */
export async function runCopy(run: BodyRun, body: CopyBody, write: HostIo['write']): Promise<BodyResult> {
  const place = run.runAs === null ? placeBySftp : placeAsOther;
  const failed = await place(run, body, write);
  if (failed) return failed;
  if (body.after === undefined) return { state: 'ok', exitCode: 0 };
  return runScript(run, render(run.manifest, run.input.params, environmentOf(run)), { write });
}

/** What went wrong, or undefined when the file is in place. */
async function placeBySftp(run: BodyRun, body: CopyBody, write: HostIo['write']): Promise<BodyResult | undefined> {
  const { lease, input, signal } = run;
  const to = fillPath(body.to, input.params);
  const source = contentOf(run, body);
  const [uid, gid] = body.owner?.split(':').map(Number) ?? [];
  const sftp = await openSftp(lease, signal);
  try {
    const copied = await copyFile(sftp, {
      source,
      to,
      mode: body.mode === undefined ? undefined : Number.parseInt(body.mode, 8),
      owner: uid === undefined || gid === undefined ? undefined : { uid, gid },
      backup: body.backup,
      sha256: createHash('sha256').update(source).digest('hex'),
      signal,
    });
    await write('stdout', Buffer.from(`${copied.sha256}  ${to}\n`));
    if (copied.backup !== undefined) await write('stdout', Buffer.from(`backup ${copied.backup}\n`));
    return undefined;
  } finally {
    sftp.end();
  }
}

/** SFTP is the login user's: it stages the file, and a script of the other user installs it. */
async function placeAsOther(run: BodyRun, body: CopyBody, write: HostIo['write']): Promise<BodyResult | undefined> {
  const { lease, input, runAs, signal } = run;
  const { folder, name } = filePlace(fillPath(body.to, input.params));
  const file = input.files[body.file];
  const stage = await stageFiles(lease, file ? { [body.file]: file } : {}, { reader: runAs, signal });
  try {
    const from = stage.files[body.file];
    if (!from) throw missing(body);
    const script = installScript({
      from,
      folder,
      name,
      mode: body.mode ?? '',
      owner: body.owner ?? '',
      backup: body.backup ? `${name}.~${new Date().toISOString().replaceAll(/[:.]/g, '-')}~` : '',
      temporary: `.om-${randomBytes(12).toString('hex')}`,
    });
    const result = await runQuietly(run, script, { step: 'install', write });
    return result.state === 'ok' ? undefined : result;
  } finally {
    await stage.remove();
  }
}

function contentOf({ input }: BodyRun, body: CopyBody): Buffer {
  const file = input.files[body.file];
  if (!file) throw missing(body);
  return Buffer.from(file.data, 'base64');
}

function missing({ file }: CopyBody): SftpError {
  return new SftpError(4, `The plan holds no file for ${file}.`);
}
