import { OmError } from '@omanager/contract';
import { type Manifest, parseManifest } from '@omanager/task-module';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import type { LoadedModule } from './registry.ts';

export interface VersionRow {
  digest: string;
  module_id: string;
  version: string;
  /** `draft` for one that was tried and perhaps never saved. */
  source: LoadedModule['source'] | 'draft';
  manifest: string;
  created_at: number;
}

/** A version with what the client's own history says of it. */
export interface HistoryRow extends Omit<VersionRow, 'manifest'> {
  author: string | null;
  comment: string | null;
  saved_at: number | null;
}

/** Module versions that plans and runs point at; never changed, never removed while a plan needs them. */
export interface ModuleStore {
  keep(modules: LoadedModule[]): Promise<void>;
  /** The manifest of a version that may no longer be in the registry. */
  manifest(digest: string): Promise<Manifest>;
  keepVersion(on: Knex, module: Omit<LoadedModule, 'source' | 'retired'>, source: VersionRow['source']): Promise<void>;
  /** A version by its digest, or the newest with this id and version. */
  version(on: Knex, key: { digest: string } | { module_id: string; version: string }): Promise<VersionRow | undefined>;
  /** Newest first, without drafts that were never saved. */
  history(on: Knex, moduleId: string): Promise<HistoryRow[]>;
}

const versionsShown = 500;

export function createModuleStore(db: Database): ModuleStore {
  return {
    async keep(modules) {
      const known: { digest: string }[] = await db.knex('module_versions').select('digest');
      const have = new Set(known.map(({ digest }) => digest));
      for (const module of modules)
        if (!have.has(module.digest)) await this.keepVersion(db.knex, module, module.source);
    },
    async manifest(digest) {
      const row = await db.knex('module_versions').where({ digest }).first();
      if (!row) throw new OmError('NOT_FOUND', 'There is no such module version.');
      const parsed = parseManifest(row.manifest, row.module_id);
      if ('problems' in parsed) {
        throw new OmError(
          'MODULE_INVALID',
          `${row.module_id} was written for another OManager: ${parsed.problems[0]?.message}`,
        );
      }
      return parsed.manifest;
    },
    async keepVersion(on, { manifest, digest, text }, source) {
      const row: VersionRow = {
        digest,
        module_id: manifest.id,
        version: manifest.version,
        source,
        manifest: text,
        created_at: Date.now(),
      };
      // Another process may keep the same version at the same time.
      await on('module_versions').insert(row).onConflict('digest').ignore();
    },
    version(on, key) {
      return on('module_versions').where(key).orderBy('created_at', 'desc').first();
    },
    history(on, moduleId) {
      return on('module_versions as kept')
        .leftJoin('ui_module_versions as saved', 'saved.digest', 'kept.digest')
        .where('kept.module_id', moduleId)
        .where((either) => either.whereNot('kept.source', 'draft').orWhereNotNull('saved.digest'))
        .select('kept.digest', 'kept.module_id', 'kept.version', 'kept.source', 'kept.created_at')
        .select('saved.author', 'saved.comment', 'saved.saved_at')
        .orderByRaw('coalesce(saved.saved_at, kept.created_at) desc, kept.version desc')
        .limit(versionsShown);
    },
  };
}
