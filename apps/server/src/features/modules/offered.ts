import { type ModuleSummary, OmError } from '@omanager/contract';
import { digestOf, parseManifest } from '@omanager/task-module';
import type { Knex } from 'knex';
import { inOrder, type LoadedModule, type Registry } from './registry.ts';
import type { ModuleStore } from './store.ts';
import {
  allModules,
  draftText,
  findModule,
  findVersion,
  moduleOfDigest,
  textsOf,
  type UiModuleRow,
} from './uiStore.ts';

/** What can be run now: the registry of files, and what the database says was made in the client. */
export interface Offered {
  list(on: Knex, options: { retired: boolean }): Promise<LoadedModule[]>;
  /** For a plan: by id, legacy number, id@version or digest, current version only; or a draft. NOT_FOUND otherwise. */
  get(on: Knex, ref: string): Promise<LoadedModule>;
  /** For reading: also retired modules and earlier versions. */
  view(on: Knex, ref: string): Promise<LoadedModule>;
  requireOffered(on: Knex, digest: string): Promise<void>;
}

interface Options {
  registry: Registry;
  store: ModuleStore;
  now(): number;
  log: { warn(details: object, message: string): void };
}

export const draftPrefix = 'draft:';
export const draftLifeMs = 24 * 3_600_000;
/** Of parsed manifests; they are immutable under their digest, so nothing has to be thrown away but for space. */
const maxParsed = 4000;

type Parsed = Pick<LoadedModule, 'manifest' | 'digest' | 'text'>;

export function createOffered({ registry, store, now, log }: Options): Offered {
  const parsed = new Map<string, Parsed>();

  /** Every process asks the database each time; only reading the same text twice is spared. */
  async function load(on: Knex, rows: readonly UiModuleRow[]): Promise<LoadedModule[]> {
    const missing = rows.map(({ digest }) => digest).filter((digest) => !parsed.has(digest));
    if (parsed.size + missing.length > maxParsed) parsed.clear();
    for (let i = 0; i < missing.length; i += 200) {
      for (const { digest, manifest: text } of await textsOf(on, missing.slice(i, i + 200))) {
        const result = parseManifest(text, digest);
        if ('problems' in result)
          log.warn({ digest, problem: result.problems[0]?.message }, 'a module made in the client cannot be read');
        else parsed.set(digest, { manifest: result.manifest, digest, text });
      }
    }
    return rows.flatMap((row) => {
      const found = parsed.get(row.digest);
      return found ? [{ ...found, source: 'ui' as const, retired: retiredOf(row) }] : [];
    });
  }

  async function ofText(text: string, source: ModuleSummary['source']): Promise<LoadedModule> {
    const result = parseManifest(text, 'manifest');
    if ('problems' in result)
      throw new OmError('MODULE_INVALID', `It was written for another OManager: ${result.problems[0]?.message}`);
    const { manifest } = result;
    return { manifest, digest: await digestOf(manifest), text, source, retired: null };
  }

  /** The current version, perhaps retired. */
  async function current(on: Knex, ref: string): Promise<LoadedModule | undefined> {
    const row = await rowOf(on, ref);
    if (!row || registry.find(row.module_id)) return undefined;
    const [loaded] = await load(on, [row]);
    if (!loaded) throw new OmError('MODULE_INVALID', `${row.module_id} was written for another OManager.`);
    return loaded;
  }

  async function draft(on: Knex, ref: string): Promise<LoadedModule | undefined> {
    if (!ref.startsWith(draftPrefix)) return undefined;
    const text = await draftText(on, ref.slice(draftPrefix.length), now() - draftLifeMs);
    if (text === undefined) throw new OmError('NOT_FOUND', 'This draft is older than a day; test it again.');
    const loaded = await ofText(text, 'ui');
    const { version, limits } = loaded.manifest;
    // What nobody has published yet is tried on one server, and every list shows what it was.
    return {
      ...loaded,
      manifest: { ...loaded.manifest, version: `${version}-draft`, limits: { ...limits, maxHosts: 1 } },
    };
  }

  async function earlier(on: Knex, ref: string): Promise<LoadedModule | undefined> {
    const [, id, version] = /^([^@]+)@([^@]+)$/.exec(ref) ?? [];
    if (id !== undefined && version !== undefined) {
      const saved = await findVersion(on, id, version);
      if (saved) {
        const row = await findModule(on, { module_id: id });
        return { ...(await ofText(saved.manifest, 'ui')), retired: row ? retiredOf(row) : null };
      }
    }
    const key = id !== undefined && version !== undefined ? { module_id: id, version } : digestKey(ref);
    if (key && 'digest' in key) {
      const [saved] = await textsOf(on, [key.digest]);
      const row = saved && (await moduleOfDigest(on, key.digest));
      if (row) return { ...(await ofText(saved.manifest, 'ui')), retired: retiredOf(row) };
    }
    const kept = key && (await store.version(on, key));
    return kept && ofText(kept.manifest, kept.source === 'draft' ? 'ui' : kept.source);
  }

  return {
    async list(on, options) {
      const rows = (await allModules(on, options)).filter(({ module_id: id }) => !registry.find(id));
      return inOrder([...registry.list(), ...(await load(on, rows))]);
    },
    async get(on, ref) {
      const found = registry.find(ref) ?? (await draft(on, ref)) ?? (await current(on, ref));
      if (!found) throw notFound(ref);
      const { manifest, retired } = found;
      if (retired)
        throw new OmError(
          'NOT_FOUND',
          `The module ${manifest.id} was retired by ${retired.by}; an admin can restore it.`,
        );
      return found;
    },
    async view(on, ref) {
      const found =
        registry.find(ref) ?? (await draft(on, ref)) ?? (await current(on, ref)) ?? (await earlier(on, ref));
      if (!found) throw notFound(ref);
      return found;
    },
    async requireOffered(on, digest) {
      const row = await moduleOfDigest(on, digest);
      const retired = row && retiredOf(row);
      if (retired)
        throw new OmError('PLAN_CHANGED', `The module ${row.module_id} was retired by ${retired.by}; it is not run.`);
    },
  };
}

function rowOf(on: Knex, ref: string): Promise<UiModuleRow | undefined> {
  if (/^\d{1,5}$/.test(ref)) return findModule(on, { legacy_id: Number(ref) });
  const digest = digestKey(ref);
  if (digest) return findModule(on, digest);
  const [id = '', version] = ref.split('@');
  return findModule(on, { module_id: id }).then((row) =>
    version === undefined || row?.version === version ? row : undefined,
  );
}

function digestKey(ref: string): { digest: string } | undefined {
  return /^[0-9a-f]{64}$/.test(ref) ? { digest: ref } : undefined;
}

function retiredOf({ retired_by: by, retired_at: at }: UiModuleRow): LoadedModule['retired'] {
  return by === null || at === null ? null : { by, at };
}

function notFound(ref: string): OmError {
  return new OmError('NOT_FOUND', `There is no module ${ref}; see om modules list.`);
}
