import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleDetail, ModuleSummary } from '@omanager/contract';
import { digestOf, families, familyTitles, type Manifest, parseManifest } from '@omanager/task-module';
import { iso } from '../../db/page.ts';

/** A module version as loaded: immutable, known by the digest of its manifest. */
export interface LoadedModule {
  manifest: Manifest;
  digest: string;
  text: string;
  source: ModuleSummary['source'];
  /** Who took it off offer, of a module made in the client. */
  retired: { by: string; at: number } | null;
}

/** The modules of files, which stay as they are until the server is started again. */
export interface Registry {
  list(): LoadedModule[];
  /** By id, legacy number, id@version or digest. */
  find(ref: string): LoadedModule | undefined;
}

export interface ModuleFile {
  file: string;
  text: string;
}

/** Builds the registry; a file with mistakes is left out and reported, the others load. */
export async function createRegistry(
  files: { source: ModuleSummary['source']; files: ModuleFile[] }[],
  onProblem: (message: string) => void,
): Promise<Registry> {
  const byId = new Map<string, LoadedModule>();
  const byRef = new Map<string, LoadedModule>();
  for (const { source, files: some } of files) {
    for (const { file, text } of some) {
      const parsed = parseManifest(text, file);
      if ('problems' in parsed) {
        for (const { line, column, message } of parsed.problems) onProblem(`${file}:${line}:${column}: ${message}`);
        continue;
      }
      const { manifest } = parsed;
      if (manifest.agentKey && source !== 'builtin') {
        onProblem(`${file}: agentKey is for modules that ship with OManager; this one is left out`);
        continue;
      }
      if (byId.has(manifest.id)) {
        onProblem(`${file}: there is already a module ${manifest.id}; this one is left out`);
        continue;
      }
      const loaded = { manifest, digest: await digestOf(manifest), text, source, retired: null };
      byId.set(manifest.id, loaded);
      for (const ref of [manifest.id, `${manifest.id}@${manifest.version}`, loaded.digest]) byRef.set(ref, loaded);
      if (manifest.legacyId !== undefined) byRef.set(String(manifest.legacyId), loaded);
    }
  }
  const sorted = inOrder([...byId.values()]);
  return { list: () => sorted, find: (ref) => byRef.get(ref) };
}

/** By family in their order, then by number, those without one last. */
export function inOrder(modules: readonly LoadedModule[]): LoadedModule[] {
  return [...modules].sort(
    (a, b) =>
      families.indexOf(a.manifest.family) - families.indexOf(b.manifest.family) ||
      (a.manifest.legacyId ?? Number.MAX_SAFE_INTEGER) - (b.manifest.legacyId ?? Number.MAX_SAFE_INTEGER) ||
      a.manifest.id.localeCompare(b.manifest.id),
  );
}

export function toSummary({ manifest, digest, source, retired }: LoadedModule): ModuleSummary {
  return {
    id: manifest.id,
    version: manifest.version,
    digest,
    title: manifest.title,
    description: manifest.description,
    family: manifest.family,
    familyTitle: familyTitles[manifest.family],
    risk: manifest.risk,
    legacyId: manifest.legacyId ?? null,
    body: manifest.body.kind,
    follow: manifest.follow ?? false,
    runAs: manifest.runAs === 'login' ? null : manifest.runAs,
    source,
    retired: retired && { by: retired.by, at: iso(retired.at) },
  };
}

export function toDetail(loaded: LoadedModule): ModuleDetail {
  return { ...toSummary(loaded), params: { ...loaded.manifest.params }, manifest: loaded.text };
}

const maxSiteModules = 2000;

/**
 * The YAML files of the site's module folder. Refuses a folder or file that others than its owner may write: whoever
 * writes a module has power over every server it may run on.
 */
export async function readModuleFolder(folder: string): Promise<ModuleFile[]> {
  await requireOwned(folder);
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  if (names.length > maxSiteModules) throw new Error(`${folder} holds more than ${maxSiteModules} modules`);
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      await requireOwned(path);
      return { file: path, text: await readFile(path, 'utf8') };
    }),
  );
}

async function requireOwned(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (mode & 0o022) throw new Error(`${path} can be written by its group or by others; run: chmod go-w ${path}`);
}
