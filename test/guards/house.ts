/** One place of the house: a folder, or a file, and what it may import. */
export interface Place {
  /** Places it may import. */
  may: readonly string[];
  /** Places of which it may know the types, never a value, with the reason. */
  types?: Readonly<Record<string, string>>;
}

const server = (name: string) => `apps/server/src/${name}`;
const feature = (name: string) => server(`features/${name}`);

const rpc = server('rpc');
const db = server('db');
const contract = 'packages/contract';
const channel = 'packages/secure-channel';
const taskModule = 'packages/task-module';
/** What decides about a form, the same for who fills it in and for who checks it. */
const ofForms = ['form.ts', 'condition.ts'].map((name) => `${taskModule}/src/${name}`);
const fleet = 'packages/ssh-fleet';
const runFiles = 'packages/run-files';

/** Small things of the server's own that know nothing else of it. */
const tools = ['config.ts', 'version.ts', 'files.ts', 'secretWords.ts', 'logging.ts'].map(server);

/** What every feature may use: it is called through its handlers, and never calls back. */
const featureMay = [db, server('bus'), server('queue'), contract, server('rpc/actor.ts'), server('changed.ts')];
const featureTypes = {
  [rpc]: 'the shape of handlers, and of who calls',
  [feature('audit')]: 'the shape of the audit writer that it is given',
  [feature('vault')]: 'the shape of the sealer that it is given',
};

/**
 * The house (docs/architecture.md draws it): apps → packages, never the other way, never sideways. A file belongs to
 * the longest place that its path begins with; a file without a place, and an import that is not listed, fail.
 */
export const house: Readonly<Record<string, Place>> = {
  [contract]: { may: [] },
  [channel]: { may: [] },
  [taskModule]: { may: [] },
  [fleet]: { may: [] },
  'packages/client': { may: [contract, channel] },
  'packages/builtin-modules': { may: [] },
  'packages/run-files': { may: [contract, 'packages/client'] },
  'packages/desktop-bridge': { may: [contract, 'packages/client', runFiles] },

  'apps/web': { may: [contract, channel, 'packages/client', 'packages/desktop-bridge', runFiles, ...ofForms] },
  // The web build reaches the desktop as files.
  'apps/desktop/build.ts': { may: [] },
  'apps/desktop/src/main': { may: [contract, channel, 'packages/client', 'packages/desktop-bridge'] },
  'apps/desktop/src/preload': {
    may: [],
    types: { 'packages/desktop-bridge': 'what it exposes: it has no logic of its own' },
  },
  'apps/cli': { may: [contract, channel, 'packages/client', runFiles, ...ofForms] },

  migrations: { may: [] },
  [server('main.ts')]: { may: [server('program.ts'), server('secretWords.ts')] },
  [server('program.ts')]: { may: [server('commands'), ...tools, contract] },
  [server('commands')]: {
    may: ['apps/server', contract, channel, 'packages/client', taskModule, 'packages/builtin-modules'],
  },
  [server('app.ts')]: { may: ['apps/server', contract, channel] },
  [server('features.ts')]: { may: ['apps/server', contract, channel] },
  [server('version.ts')]: { may: [] },
  [server('files.ts')]: { may: [] },
  [server('config.ts')]: { may: [] },
  [server('linkOrigin.ts')]: { may: [server('config.ts'), feature('access/link.ts')] },
  [server('backup')]: { may: [db, 'migrations', server('commands/exitCodes.ts'), ...tools] },
  [server('descriptors.ts')]: { may: [] },
  [server('rounds.ts')]: { may: [] },
  [server('changed.ts')]: { may: [] },
  [server('dataLock.ts')]: { may: [server('files.ts')] },
  [server('metrics.ts')]: { may: [] },
  [server('secretWords.ts')]: { may: [] },
  [server('logging.ts')]: { may: [server('secretWords.ts')] },
  [server('serverKey.ts')]: { may: [server('files.ts'), channel] },
  [server('channel')]: { may: [channel] },
  [db]: { may: ['migrations', server('files.ts')] },
  [server('redis.ts')]: { may: [] },
  [server('turns.ts')]: { may: [] },
  [server('lately.ts')]: { may: [] },
  [server('bus')]: { may: [server('redis.ts')] },
  [server('queue')]: { may: [server('redis.ts')] },
  [server('wakeUps.ts')]: { may: [server('bus'), server('queue'), server('redis.ts')] },

  [server('http')]: {
    may: [contract, channel],
    types: { [rpc]: 'it is given the dispatcher and the connections; features it does not know at all' },
  },
  [rpc]: {
    may: [contract, db, server('rpc/actor.ts')],
    types: {
      [feature('audit')]: 'the shape of the audit writer that it is given',
      [feature('vault')]: 'the shape of the sealer that it is given',
    },
  },
  [server('rpc/actor.ts')]: { may: [contract] },

  [feature('access')]: { may: featureMay, types: featureTypes },
  // Its ledger adds blocks in rounds; who looks again is not written down again, as in terminals.
  [feature('audit')]: { may: [...featureMay, server('rounds.ts'), server('lately.ts')], types: featureTypes },
  // It reads known_hosts files as the fleet does.
  [feature('inventory')]: { may: [...featureMay, fleet], types: featureTypes },
  [feature('modules')]: { may: [...featureMay, taskModule, 'packages/builtin-modules'], types: featureTypes },
  [feature('runs')]: { may: [...featureMay, taskModule, server('turns.ts')], types: featureTypes },
  [feature('terminal')]: { may: [...featureMay, server('lately.ts')], types: featureTypes },
  // It reads the keys of workers, and those that servers showed them.
  [feature('workers')]: {
    may: [...featureMay, channel, fleet],
    types: { ...featureTypes, [feature('runs')]: 'what workers may do with runs: it is given the claims' },
  },
  // It refuses to remove a credential that hosts use; inventory itself tells how many.
  [feature('vault')]: {
    may: [...featureMay, server('files.ts'), fleet, feature('inventory/credentialUse.ts')],
    types: featureTypes,
  },

  [server('engines')]: {
    may: [contract, fleet, taskModule, server('turns.ts')],
    types: {
      [feature('runs')]: 'the ports of runs: an engine fits into them',
      [feature('terminal')]: 'the port of files: an engine fits into it',
      [db]: 'the handle that it passes on to those ports',
    },
  },

  // The other half of features/workers, in another process: it is built from the parts of the server that need no store.
  [server('worker')]: { may: ['apps/server', contract, channel, 'packages/client'] },

  'test/guards': { may: [contract, server('http'), feature('runs/decide/states.ts')] },
  test: { may: ['apps', 'packages', 'migrations', 'test'] },
  'vitest.config.ts': { may: [] },
};
