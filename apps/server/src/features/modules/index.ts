import { loadBuiltin } from '@omanager/builtin-modules';
import type { Database } from '../../db/database.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import { createRegistry, type Registry, readModuleFolder, toDetail, toSummary } from './registry.ts';
import { createModuleStore, type ModuleStore } from './store.ts';

export interface Modules {
  registry: Registry;
  store: ModuleStore;
  handlers: HandlersOf<'modules.list' | 'modules.get'>;
}

interface Options {
  db: Database;
  /** The site's folder of modules, or null. */
  folder: string | null;
  log: { warn(details: object, message: string): void };
}

/** The registry of task modules: built-in and of the site. Every version is kept, since plans point at it. */
export async function createModules({ db, folder, log }: Options): Promise<Modules> {
  const sources = [{ source: 'builtin' as const, files: await loadBuiltin() }];
  const site = folder === null ? [] : [{ source: 'site' as const, files: await readModuleFolder(folder) }];
  const registry = await createRegistry([...sources, ...site], (problem) =>
    log.warn({ problem }, 'a module was left out'),
  );
  const store = createModuleStore(db);
  await store.keep(registry.list());
  return {
    registry,
    store,
    handlers: {
      'modules.list': async () => ({ items: registry.list().map(toSummary) }),
      'modules.get': async (_call, { module }) => toDetail(registry.get(module)),
    },
  };
}
