import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBuiltin } from '@omanager/builtin-modules';
import { type Manifest, parseManifest, renderShell, type ShellValue, validateParams } from '@omanager/task-module';
import { isInstalled, type LocalOptions, type LocalResult, runLocally } from './localHost.ts';

const manifests = new Map<string, Manifest>();
for (const { file, text } of await loadBuiltin()) {
  const parsed = parseManifest(text, file);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  manifests.set(parsed.manifest.id, parsed.manifest);
}

export const builtin: ReadonlyMap<string, Manifest> = manifests;

/** Runs a module that ships as the server would: params checked, defaults filled in, rendered, wrapped. */
export function runBuiltin(
  id: string,
  params: Record<string, unknown>,
  options: LocalOptions = {},
): Promise<LocalResult> {
  const manifest = manifests.get(id);
  if (manifest?.body.kind !== 'shell') throw new Error(`${id} is no built-in module with a shell body`);
  const { values, problems } = validateParams(manifest, params);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const all = Object.keys(manifest.params.properties).map((name) => [name, shellValue(values[name])]);
  return runLocally(renderShell({ source: manifest.body.source, params: Object.fromEntries(all), env: {} }), options);
}

function shellValue(value: unknown): ShellValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** Programs of busybox that must not be near a test. */
const dangerous = new Set([
  'reboot',
  'poweroff',
  'halt',
  'init',
  'linuxrc',
  'kill',
  'killall',
  'fdisk',
  'mke2fs',
  'mkdosfs',
  'nuke',
]);

/** A userland of busybox alone: a folder with its programs, to be the whole PATH. Undefined where there is no busybox. */
export function makeBusyboxUserland(folder: string): string | undefined {
  if (!isInstalled('busybox')) return undefined;
  const bin = join(folder, 'busybox-bin');
  mkdirSync(bin);
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const name of ['busybox', ...applets.filter((applet) => !dangerous.has(applet))])
    symlinkSync(busybox, join(bin, name));
  return bin;
}

/** A userland with ordinary small programs, none of which manages services or packages, and the fakes that a test adds. */
export function makeFakes(folder: string, fakes: Record<string, string>): { path: string; calls: () => string[] } {
  const bin = join(folder, 'fake-bin');
  mkdirSync(bin);
  const log = join(folder, 'calls');
  writeFileSync(log, '');
  chmodSync(log, 0o666);
  const ordinary = 'sh head sed grep tail id cat sleep setsid mkdir mktemp rm cut sort'.split(' ');
  for (const name of ordinary.filter((each) => !Object.hasOwn(fakes, each))) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    symlinkSync(real, join(bin, name));
  }
  for (const name of ['bash', 'dash', 'busybox'].filter(isInstalled))
    symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(bin, name));
  for (const [name, script] of Object.entries(fakes)) {
    // wx: never through a link into the machine's own programs.
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${log}"\n${script}\n`, { mode: 0o755, flag: 'wx' });
  }
  // Readable for the user without rights who runs them.
  chmodSync(folder, 0o755);
  return {
    path: bin,
    calls: () =>
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
  };
}

export const isRoot = process.getuid?.() === 0;
/** What would manage services, packages or the power of this machine, had a fake not come first, runs without rights. */
export const nobody: Pick<LocalOptions, 'uid'> = isRoot ? { uid: 65_534 } : {};
