import { compressRanges } from '@omanager/contract';
import type { Knex } from 'knex';
import { changed } from '../../changed.ts';
import type { Call, HandlersOf } from '../../rpc/handlers.ts';
import type { Groups } from './groups.ts';
import type { Decider, HostKeys } from './hostKeys.ts';
import type { Hosts, MayUse } from './hosts.ts';
import type { HostTable } from './hostTable.ts';
import type { AppliedImport, Imports } from './import/index.ts';
import type { KnownHosts } from './knownHosts.ts';
import { listServerSets, removeServerSet, saveServerSet } from './serverSets.ts';
import type { Zones } from './zones.ts';

type Names =
  | 'hosts.list'
  | 'hosts.count'
  | 'hosts.table'
  | 'hosts.summary'
  | 'hosts.tree'
  | 'hosts.get'
  | 'hosts.add'
  | 'hosts.update'
  | 'hosts.remove'
  | 'hosts.importPreview'
  | 'hosts.importApply'
  | 'groups.list'
  | 'groups.add'
  | 'groups.move'
  | 'groups.remove'
  | 'groups.assign'
  | 'serverSets.list'
  | 'serverSets.save'
  | 'serverSets.remove'
  | 'zones.list'
  | 'zones.save'
  | 'zones.remove'
  | 'hostKeys.list'
  | 'hostKeys.trust'
  | 'hostKeys.revoke'
  | 'hostKeys.remove'
  | 'hostKeys.importPreview'
  | 'hostKeys.import';

export type InventoryHandlers = HandlersOf<Names>;

export function createHandlers({
  knex,
  clock,
  hosts,
  table,
  imports,
  groups,
  zones,
  hostKeys,
  knownHosts,
  zonesChanged,
}: {
  knex: Knex;
  clock: () => number;
  hosts: Hosts;
  table: HostTable;
  imports: Imports;
  groups: Groups;
  zones: Zones;
  /** After the commit of a change of zones. */
  zonesChanged: () => Promise<void>;
  hostKeys: HostKeys;
  knownHosts: KnownHosts;
}): InventoryHandlers {
  return {
    'hosts.list': async (_call, params) => hosts.list(params),
    'hosts.count': async (_call, { selector }) => hosts.count(selector),
    'hosts.table': async (_call, params) => table.page(params),
    'hosts.summary': async (_call, { selector }) => table.summary(selector),
    'hosts.tree': async () => table.tree(),
    'hosts.get': async (_call, { name }) => hosts.get(name),
    'hosts.add': async (call, { host }) =>
      call.commit(async (tx, note) => {
        note.object = host.name;
        return hosts.add(tx, host, mayUse(call));
      }),
    'hosts.update': async (call, { name, changes }) =>
      call.commit(async (tx, note) => {
        note.object = name;
        const before = await hosts.get(name, tx);
        const after = await hosts.update(tx, name, given(changes), mayUse(call));
        note.details = changed(before, after);
        return after;
      }),
    'hosts.remove': async (call, { names }) =>
      call.commit(async (tx, note) => {
        note.object = names.join(', ');
        return { removed: await hosts.remove(tx, names) };
      }),

    'hosts.importPreview': async (call, { format, text, removeMissing }) =>
      imports.preview(await imports.parse({ format, text }, call.signal), removeMissing),
    'hosts.importApply': async (call, { format, text, removeMissing, digest }) => {
      const parsed = await imports.parse({ format, text }, call.signal);
      return call.commit(async (tx, note) => {
        const done = await imports.apply(tx, parsed, { removeMissing, digest, mayUse: mayUse(call) });
        note.details = describeImport(done);
        return { added: done.added.length, changed: done.changed.length, removed: done.removed.length };
      });
    },

    'groups.list': async (_call, params) => groups.list(params),
    'groups.add': async (call, { path }) =>
      call.commit(async (tx, note) => {
        note.object = path;
        return groups.add(tx, path);
      }),
    'groups.move': async (call, { path, to }) =>
      call.commit(async (tx, note) => {
        note.object = path;
        return groups.move(tx, path, to);
      }),
    'groups.remove': async (call, { path }) =>
      call.commit(async (tx, note) => {
        note.object = path;
        await groups.remove(tx, path);
        return { ok: true as const };
      }),
    'groups.assign': async (call, { path, selector, member }) =>
      call.commit(async (tx, note) => {
        note.object = path;
        const changed = await groups.assign(tx, path, selector, member);
        note.details = { changed };
        return { changed };
      }),

    'serverSets.list': () => listServerSets(knex),
    'serverSets.save': (call, set) =>
      call.commit(async (tx, note) => {
        note.object = `set:${set.name}`;
        const { before, after } = await saveServerSet(tx, set, { by: call.signedIn().userName, at: clock() });
        note.details = changed(before, after);
        return after;
      }),
    'serverSets.remove': (call, { name }) =>
      call.commit(async (tx, note) => {
        note.object = `set:${name}`;
        await removeServerSet(tx, name);
        return { ok: true as const };
      }),

    'zones.list': async () => zones.list(),
    async 'zones.save'(call, { zone }) {
      const done = await call.commit(async (tx, note) => {
        note.object = zone.name;
        const rights = { mayUse: mayUse(call), mayTrust: () => call.authorize('hostkey.trust') };
        const { before, after } = await zones.save(tx, zone, rights);
        note.details = changed(before, after);
        return after;
      });
      await zonesChanged();
      return done;
    },
    'zones.remove': async (call, { name }) =>
      call.commit(async (tx, note) => {
        note.object = name;
        await zones.remove(tx, name);
        return { ok: true as const };
      }),

    'hostKeys.list': async (_call, params) => hostKeys.list(params),
    'hostKeys.trust': async (call, { ids, fingerprint }) =>
      call.commit(async (tx, note) => {
        const trusted = await hostKeys.trust(tx, ids, fingerprint, decider(call));
        note.details = { fingerprints: trusted };
        return { trusted: trusted.length };
      }),
    'hostKeys.revoke': async (call, { ids }) =>
      call.commit(async (tx, note) => {
        const revoked = await hostKeys.revoke(tx, ids, decider(call));
        note.details = { fingerprints: revoked };
        return { revoked: revoked.length };
      }),
    'hostKeys.remove': async (call, { ids }) =>
      call.commit(async (tx, note) => {
        const removed = await hostKeys.remove(tx, ids, decider(call));
        note.details = { fingerprints: removed };
        return { removed: removed.length };
      }),
    'hostKeys.importPreview': async (call, file) => knownHosts.preview(await knownHosts.read(file, call.signal)),
    'hostKeys.import': async (call, { text, zone }) => {
      const file = await knownHosts.read({ text, zone }, call.signal);
      return call.commit(async (tx, note) => {
        note.object = zone;
        const { fingerprints, ...result } = await knownHosts.apply(tx, file, decider(call));
        note.details = { fingerprints: fingerprints.slice(0, 200) };
        return result;
      });
    },
  };
}

/** Who was touched, folded: the audit keeps a bounded text. */
function describeImport(done: AppliedImport): Record<string, string> {
  const named = Object.entries(done).filter(([, names]) => names.length > 0);
  return Object.fromEntries(named.map(([what, names]) => [what, compressRanges(names).slice(0, 4000)]));
}

function mayUse(call: Call): MayUse {
  return (use) => call.authorize('credential.use', use);
}

function decider(call: Call): Decider {
  return { name: call.signedIn().userName, mayUse: mayUse(call) };
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the fields that are there but undefined: those are not to be changed. */
function given<T extends object>(changes: T): Given<T> {
  // Object.fromEntries forgets the keys' types; the filter is what makes this true.
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Given<T>;
}
