import { OmError } from '@omanager/contract';
import { type Manifest, parseManifest } from '@omanager/task-module';
import type { Database } from '../../db/database.ts';
import type { LoadedModule } from './registry.ts';

/** Module versions that plans and runs point at; never changed, never removed while a plan needs them. */
export interface ModuleStore {
  keep(modules: LoadedModule[]): Promise<void>;
  /** The manifest of a version that may no longer be in the registry. */
  manifest(digest: string): Promise<Manifest>;
}

export function createModuleStore(db: Database): ModuleStore {
  return {
    async keep(modules) {
      const known: { digest: string }[] = await db.knex('module_versions').select('digest');
      const have = new Set(known.map(({ digest }) => digest));
      const rows = modules
        .filter(({ digest }) => !have.has(digest))
        .map(({ manifest, digest, text, source }) => ({
          digest,
          module_id: manifest.id,
          version: manifest.version,
          source,
          manifest: text,
          created_at: Date.now(),
        }));
      // Another process may start at the same time and keep the same versions.
      for (const row of rows) await db.knex('module_versions').insert(row).onConflict('digest').ignore();
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
  };
}
