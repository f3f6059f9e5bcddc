import { randomBytes } from 'node:crypto';
import { OmError, redacted } from '@omanager/contract';
import { SftpError, SshError } from '@omanager/ssh-fleet';
import { type Manifest, type RenderedScript, secretParamsOf, shellQuote } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/execute/engine.ts';
import type { RunInput } from '../../features/runs/ports.ts';
import { runCopy } from './copy.ts';
import { runFetch } from './fetch.ts';
import { filterOutput } from './filtering.ts';
import { adoptFiles } from './hostScripts.ts';
import { followLost } from './lost.ts';
import { maskOutput } from './masking.ts';
import { fillPath } from './paths.ts';
import { type BodyRun, environmentOf, nothingRun, render, runScript } from './script.ts';
import type { ShardAgentKey } from './shard.ts';
import { stageFiles } from './stage.ts';
import type { BodyResult } from './types.ts';

/** Runs the body of the module on a host that is committed as `running`; output is masked before it goes anywhere. */
export async function runBody(given: Omit<BodyRun, 'until' | 'signal'>): Promise<BodyResult> {
  const { aborted, stopped } = given.io;
  using limit = limitTime(given.manifest.follow ? [aborted, stopped] : [aborted], given.timeoutMs);
  const { signal } = limit;
  const run: BodyRun = { ...given, until: performance.now() + given.timeoutMs, signal };
  const filtered = filterOutput(run.filtering, run.io);
  return filtered.finish(await runMasked(run, filtered.write));
}

async function runMasked(run: BodyRun, write: HostIo['write']): Promise<BodyResult> {
  const { signal } = run;
  const masked = maskOutput({ ...run, io: { write } });
  try {
    return await masked.finish(await runKind(run, masked.write));
  } catch (error) {
    // A script that is called off ends in an orderly way: nothing of this attempt has run.
    if (error === signal.reason) return masked.finish(nothingRun(run));
    if (error instanceof SftpError || error instanceof OmError)
      return masked.finish({ state: 'failed', exitCode: null, message: error.message });
    if (error instanceof SshError && error.reason === 'channel_refused')
      return masked.finish({ state: 'failed', exitCode: null, message: `${error.message} Nothing was run.` });
    if (error instanceof SshError)
      return masked.finish({ state: 'lost', message: `${error.message} How the script ended is not known.` });
    throw error;
  }
}

async function runKind(run: BodyRun, write: HostIo['write']): Promise<BodyResult> {
  const { body } = run.manifest;
  // Following anew repeats nothing; what an earlier attempt has left ends with its time.
  const again = run.manifest.follow && run.manifest.idempotent;
  const earlier = again ? undefined : await followLost(run, write);
  if (earlier) return earlier;
  switch (body.kind) {
    case 'shell':
    case 'script': {
      return Object.keys(run.input.files).length === 0
        ? runScript(run, withAgentKey(render(run.manifest, run.input.params, environmentOf(run)), run.agentKey), {
            write,
          })
        : runWithFiles(run, write);
    }
    case 'copy':
      return runCopy(run, body, write);
    case 'fetch':
      return runFetch(run, body, write);
  }
}

/** Runs a shell or script body whose file params stand in a folder of the user it runs as, which goes with the script. */
async function runWithFiles(run: BodyRun, write: HostIo['write']): Promise<BodyResult> {
  const { runAs, manifest, input } = run;
  const stage = await stageFiles(run.lease, input.files, { reader: runAs, signal: run.signal });
  const folder = runAs === null ? stage.folder : `/tmp/om-files.${randomBytes(16).toString('hex')}`;
  const paths = Object.fromEntries(Object.keys(stage.files).map((name) => [name, `${folder}/${name}`]));
  const script = render(manifest, { ...input.params, ...paths }, environmentOf(run));
  const files = Object.entries(stage.files).map(([name, from]) => ({ from, to: `${folder}/${name}` }));
  let result: BodyResult | undefined;
  try {
    const whole = runAs === null ? script : adoptFiles(script, files, folder);
    result = await runScript(run, whole, { write, filesFolder: folder });
    return result;
  } finally {
    // Where the wrapper ran as the login user it has done so already.
    if (runAs !== null || typeof result?.exitCode !== 'number') await stage.remove();
  }
}

/** Aborts with any of `parents` and when the time is up; leaves neither timer nor listener behind. */
function limitTime(parents: readonly AbortSignal[], ms: number): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, ms);
  for (const parent of parents) {
    parent.addEventListener('abort', abort);
    if (parent.aborted) abort();
  }
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const parent of parents) parent.removeEventListener('abort', abort);
    },
  };
}

/** The wrapper's own names: no param can be called so. As all params they are quoted and not exported. */
function withAgentKey(script: RenderedScript, key: ShardAgentKey | undefined): RenderedScript {
  if (!key) return script;
  const words = { om_agent_host: key.hostId, om_agent_key_id: key.id, om_agent_key: key.key };
  const lines = Object.entries(words).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  return { ...script, prologue: `${script.prologue}unset ${Object.keys(words).join(' ')}\n${lines.join('')}` };
}

/** What the plan shows: the body with its params, secrets masked. Throws OmError for a path that cannot be. */
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
      const rendered = render(manifest, { ...shown, ...named }, {});
      const hidden = { id: redacted, hostId: redacted, key: redacted };
      const { prologue, body: text } = withAgentKey(rendered, manifest.agentKey ? hidden : undefined);
      return `${prologue}${text}`;
    }
    case 'copy': {
      fillPath(body.to, params);
      const after = body.after === undefined ? '' : `\n${render(manifest, shown, {}).prologue}${body.after}`;
      return `copy ${files[body.file]?.name ?? body.file} to ${fillPath(body.to, shown)}${body.mode ? ` mode ${body.mode}` : ''}${body.owner ? ` owner ${body.owner}` : ''}${body.backup ? ', keeping a backup' : ''}${after}`;
    }
    case 'fetch':
      fillPath(body.from, params);
      return `fetch ${fillPath(body.from, shown)}`;
  }
}
