import { agentVersion, loadBuiltin } from '@omanager/builtin-modules';
import type { Database } from '../../db/database.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import { createAuthoring } from './authoring.ts';
import { createHandlers, type ModuleMethods, type Preview, type UsagePort } from './handlers.ts';
import { createOffered, type Offered } from './offered.ts';
import { createRegistry, readModuleFolder } from './registry.ts';
import { createModuleStore, type ModuleStore } from './store.ts';

export interface Modules {
  offered: Offered;
  /** Of the audit agent that `audit.install` puts on servers. */
  agentVersion: string;
  store: ModuleStore;
  handlers: HandlersOf<ModuleMethods>;
}

interface Options {
  db: Database;
  /** The site's folder of modules, or null. */
  folder: string | null;
  usage: UsagePort;
  preview: Preview;
  log: { warn(details: object, message: string): void };
  now?: () => number;
}

/**
 * The task modules: built-in, of the site, and made in the client, which the database alone knows. Every version is
 * kept, since plans point at it.
 */
export async function createModules({ db, folder, usage, preview, log, now = Date.now }: Options): Promise<Modules> {
  const sources = [{ source: 'builtin' as const, files: await loadBuiltin() }];
  const site = folder === null ? [] : [{ source: 'site' as const, files: await readModuleFolder(folder) }];
  const registry = await createRegistry([...sources, ...site], (problem) =>
    log.warn({ problem }, 'a module was left out'),
  );
  const store = createModuleStore(db);
  await store.keep(registry.list());
  const offered = createOffered({ registry, store, now, log });
  const authoring = createAuthoring({ registry, store, now });
  return {
    offered,
    agentVersion,
    store,
    handlers: createHandlers({ knex: db.knex, offered, authoring, store, usage, preview }),
  };
}
