import { type ModuleProblem, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { isDuplicate, type Tx } from '../../db/database.ts';
import { type Checked, checkManifest } from './check.ts';
import { draftLifeMs, draftPrefix } from './offered.ts';
import type { LoadedModule, Registry } from './registry.ts';
import type { ModuleStore } from './store.ts';
import {
  countModules,
  forgetDrafts,
  insertModule,
  insertVersion,
  keepDraft,
  lockModule,
  type UiModuleRow,
  updateModule,
} from './uiStore.ts';

interface Options {
  registry: Registry;
  store: ModuleStore;
  now(): number;
}

interface SaveRequest {
  manifest: string;
  comment: string;
  base?: string | null | undefined;
}

const maxModules = 2000;
const maxVersions = 1000;

/** The rules of writing modules in the client. Each takes the transaction that also writes its audit event. */
export function createAuthoring({ registry, store, now }: Options) {
  function requireSound(module: Checked['module'], problems: readonly ModuleProblem[]): NonNullable<Checked['module']> {
    const [first] = problems;
    if (module && !first) return module;
    const message = first && `Line ${first.line}: ${first.message}.`;
    throw new OmError('MODULE_INVALID', message, { problems });
  }

  async function change(tx: Tx, moduleId: string, retired: { by: string } | null): Promise<UiModuleRow> {
    const row = await lockModule(tx, moduleId);
    if (!row) {
      if (registry.find(moduleId))
        throw new OmError(
          'CONFLICT',
          `${moduleId} comes from a file on the server; only modules made in the client are retired here.`,
        );
      throw new OmError('NOT_FOUND', `There is no module ${moduleId} that was made in the client.`);
    }
    if ((row.retired_at === null) === (retired === null)) return row;
    const mark = { retired_by: retired?.by ?? null, retired_at: retired ? now() : null };
    await updateModule(tx, moduleId, mark);
    return { ...row, ...mark };
  }

  return {
    check: (on: Knex, text: string) => checkManifest(on, registry, text),

    /** A new module or a new version of one; answers it with the version that was current before. */
    async save(tx: Tx, { manifest: text, comment, base }: SaveRequest, author: string) {
      const first = await checkManifest(tx, registry, text);
      const { id } = requireSound(first.module, first.problems).manifest;
      const row = await lockModule(tx, id);
      const before = row?.version ?? null;
      if (base !== undefined && base !== before) {
        const message = `${id} ${before ?? ''} is saved by now; look at it before you save yours.`;
        throw new OmError('CONFLICT', message, { latest: before });
      }
      if (row && row.retired_at !== null)
        throw new OmError('CONFLICT', `${id} was retired by ${row.retired_by}; restore it first.`);
      // Looked at again now that nobody else can change it.
      const checked = await checkManifest(tx, registry, text);
      const { manifest, digest } = requireSound(checked.module, [...checked.problems, ...checked.stale]);
      const saved = (row?.saved ?? 0) + 1;
      if (saved > maxVersions) throw new OmError('LIMIT', `A module has at most ${maxVersions} versions.`);
      const current = { legacy_id: manifest.legacyId ?? null, version: manifest.version, digest, saved };
      await store.keepVersion(tx, { manifest, digest, text }, 'ui');
      try {
        if (row) await updateModule(tx, id, current);
        else {
          if ((await countModules(tx)) >= maxModules)
            throw new OmError('LIMIT', `At most ${maxModules} modules can be made in the client.`);
          await insertModule(tx, { module_id: id, ...current, retired_by: null, retired_at: null });
        }
        await insertVersion(tx, {
          ...{ module_id: id, ordinal: saved, version: manifest.version, digest },
          ...{ manifest: text, comment, author, saved_at: now() },
        });
      } catch (error) {
        if (isDuplicate(error))
          throw new OmError('CONFLICT', `Somebody else saved ${id}, or its number, at the same moment.`);
        throw error;
      }
      const module: LoadedModule = { manifest, digest, text, source: 'ui', retired: null };
      return { module, before };
    },

    /** Keeps a manifest so that it can be tried; its version may be one that is saved already. */
    async draft(tx: Tx, text: string, author: string) {
      const checked = await checkManifest(tx, registry, text);
      const module = requireSound(checked.module, checked.problems);
      await forgetDrafts(tx, now() - draftLifeMs);
      await store.keepVersion(tx, module, 'draft');
      await keepDraft(tx, { digest: module.digest, manifest: text, author, kept_at: now() });
      return { module: `${draftPrefix}${module.digest}`, digest: module.digest, id: module.manifest.id };
    },

    retire: (tx: Tx, moduleId: string, by: string) => change(tx, moduleId, { by }),
    restore: (tx: Tx, moduleId: string) => change(tx, moduleId, null),
  };
}

export type Authoring = ReturnType<typeof createAuthoring>;
