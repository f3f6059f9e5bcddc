import type { ModuleProblem } from '@omanager/contract';
import { type Body, digestOf, type Manifest, parseWithPlaces } from '@omanager/task-module';
import type { Knex } from 'knex';
import type { Registry } from './registry.ts';
import { findModule, type UiModuleRow } from './uiStore.ts';
import { compareVersions, versionAfter } from './versionOrder.ts';

export interface Checked {
  /** Null when the text cannot be read as a manifest. */
  module: { manifest: Manifest; digest: string; text: string } | null;
  problems: ModuleProblem[];
  /** The version is not above the newest: it can be tried, but not saved. */
  stale: ModuleProblem[];
  /** What is saved under this id. */
  row: UiModuleRow | undefined;
}

/** Everything that keeps a manifest from being saved in the client, each with its place in the text. */
export async function checkManifest(on: Knex, registry: Registry, text: string): Promise<Checked> {
  const parsed = parseWithPlaces(text, 'manifest');
  if ('problems' in parsed) {
    const problems = parsed.problems.map(({ line, column, message }) => ({ line, column, message }));
    return { module: null, problems, stale: [], row: undefined };
  }
  const { manifest, at } = parsed;
  const row = await findModule(on, { module_id: manifest.id });
  const problems: ModuleProblem[] = [];
  const problem = (key: string, message: string) => ({ ...at([key], 'value'), message: `${key}: ${message}` });
  const say = (key: string, message: string) => void problems.push(problem(key, message));

  if (!runsOnHosts(manifest.body)) say(manifest.body.kind, 'runs on OMServer itself; such modules come from its files');
  if (manifest.agentKey) say('agentKey', 'is for modules that ship with OManager');
  const file = registry.find(manifest.id);
  if (file)
    say(
      'id',
      `${manifest.id} ${file.source === 'builtin' ? 'ships with OManager' : "is in the site's folder"}; choose another`,
    );
  const stale =
    row && compareVersions(manifest.version, row.version) <= 0
      ? [
          problem(
            'version',
            `${row.version} is saved already and stays as it is; give the new one a higher number, such as ${versionAfter(row.version)}`,
          ),
        ]
      : [];
  const { legacyId } = manifest;
  if (legacyId !== undefined) {
    const other =
      registry.find(String(legacyId))?.manifest.id ?? (await findModule(on, { legacy_id: legacyId }))?.module_id;
    if (other !== undefined && other !== manifest.id) say('legacyId', `${legacyId} is already the number of ${other}`);
  }
  return { module: { manifest, digest: await digestOf(manifest), text }, problems, stale, row };
}

/** Whoever may write modules in the client has power over the servers, never over OMServer. A new body has to say which it is. */
function runsOnHosts(body: Body): boolean {
  switch (body.kind) {
    case 'shell':
    case 'script':
    case 'copy':
    case 'fetch':
      return true;
  }
}
