import { redacted } from '@omanager/contract';
import { type Manifest, secretParamsOf } from '@omanager/task-module';
import type { RunInput } from '../../features/runs/ports.ts';
import { runCopy } from './copy.ts';
import { runFetch } from './fetch.ts';
import { maskOutput } from './masking.ts';
import { type BodyResult, type BodyRun, environmentOf, fillPath, render, runScript } from './script.ts';
import { uploadFiles } from './upload.ts';

/** Runs the body of the module on a host that is committed as `running`; output is masked before it goes anywhere. */
export async function runBody(run: BodyRun): Promise<BodyResult> {
  const masked = maskOutput(run);
  const { body } = run.manifest;
  switch (body.kind) {
    case 'shell':
    case 'script': {
      const files = await uploadFiles(run.lease, run.input.files, run.runAs, run.io.aborted);
      const script = render(run.manifest, { ...run.input.params, ...files.paths }, environmentOf(run));
      return masked.finish(await runScript(run, script, files.folder, masked.write));
    }
    case 'copy':
      return masked.finish(await runCopy(run, body, masked.write));
    case 'fetch':
      return masked.finish(await runFetch(run, body, masked.write));
  }
}

/** What the plan shows: the body with its params, secrets masked. */
export function previewOf(manifest: Manifest, { params, files }: RunInput): string {
  const secret = new Set(secretParamsOf(manifest));
  const shown = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, secret.has(name) ? redacted : value]),
  );
  const named = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/…/${file.name}`]));
  const { body } = manifest;
  switch (body.kind) {
    case 'shell':
    case 'script': {
      const { prologue, body: text } = render(manifest, { ...shown, ...named }, {});
      return `${prologue}${text}`;
    }
    case 'copy': {
      const after = body.after === undefined ? '' : `\n${render(manifest, shown, {}).prologue}${body.after}`;
      return `copy ${files[body.file]?.name ?? body.file} to ${fillPath(body.to, params)}${body.mode ? ` mode ${body.mode}` : ''}${body.backup ? ', keeping a backup' : ''}${after}`;
    }
    case 'fetch':
      return `fetch ${fillPath(body.from, params)}`;
  }
}
