import { type KnownHostsPreview, OmError, type ResultOf } from '@omanager/contract';
import { fingerprint, type KnownHost, parseKnownHosts } from '@omanager/ssh-fleet';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import { changeKeys, type HostKeyRow, insertKeys, keysAt } from './hostKeyStore.ts';
import type { CheckUse, Decider } from './hostKeys.ts';
import { hostsOfZones } from './hostStore.ts';
import { type KnownHostsMatch, matchKnownHosts, type NamedEndpoint } from './knownHostsMatch.ts';
import { lock } from './sql.ts';
import { endpointKey } from './types.ts';
import { allZones } from './zoneStore.ts';

type Answer = ResultOf<'hostKeys.import'>;

export interface KnownHostsFile extends KnownHostsMatch {
  readonly problems: readonly Answer['problems'][number][];
}

export interface KnownHosts {
  /** Reads a known_hosts file and finds the hosts of the zone that it names. Changes nothing. */
  read(file: { text: string; zone: string }, signal: AbortSignal): Promise<KnownHostsFile>;
  /** What `apply` would do now. */
  preview(file: KnownHostsFile): Promise<KnownHostsPreview>;
  /** Trusts (or revokes) what was read. Keys that contradict a trusted one are left for `hostKeys.trust`. */
  apply(tx: Tx, file: KnownHostsFile, by: Decider): Promise<Answer & { fingerprints: string[] }>;
}

const maxProblems = 200;
const maxShown = 1000;

export function createKnownHosts({
  db,
  checkUse,
  clock,
}: {
  db: Database;
  checkUse: CheckUse;
  clock: () => number;
}): KnownHosts {
  return {
    async read({ text, zone }, signal) {
      const id = (await allZones(db.knex)).find((candidate) => candidate.name === zone)?.id;
      if (id === undefined) throw new OmError('NOT_FOUND', `There is no zone ${zone}; see om zones list.`);
      const { entries, problems } = parseKnownHosts(text);
      const rows = await hostsOfZones(db.knex, [id]);
      const hosts = rows.map((row) => ({ name: row.name, zoneId: id, address: row.address, port: row.port }));
      return { ...(await matchKnownHosts(entries, hosts, { signal })), problems };
    },

    async preview(file) {
      const endpoints = file.found.flatMap((match) => match.endpoints);
      const writes = decide(file.found, await keysAt(db.knex, endpoints), { now: clock(), by: '' });
      const count = (state: HostKeyRow['state']) => writes.rows.filter((row) => row.state === state).length;
      return {
        trusted: count('trusted'),
        revoked: count('revoked'),
        unchanged: writes.unchanged,
        unmatched: file.unmatched,
        keys: writes.rows.slice(0, maxShown),
        problems: problemsOf(file, writes),
      };
    },

    async apply(tx, file, by) {
      const { found, unmatched } = file;
      await lock(tx, 'host_keys');
      const endpoints = found.flatMap((match) => match.endpoints);
      await checkUse(tx, endpoints, by.mayUse);
      const writes = decide(found, await keysAt(tx, endpoints), { now: clock(), by: by.name });
      await insertKeys(tx, writes.added);
      for (const state of ['trusted', 'revoked'] as const) {
        const ids = writes.decided.filter((row) => row.state === state).map((row) => row.id);
        await changeKeys(tx, ids, { state, changed: false, decided_by: by.name });
      }
      await changeKeys(tx, writes.rivals, { changed: true });
      const count = (state: HostKeyRow['state']) =>
        [...writes.added, ...writes.decided].filter((row) => row.state === state).length;
      return {
        trusted: count('trusted'),
        revoked: count('revoked'),
        unmatched,
        problems: problemsOf(file, writes),
        fingerprints: [...new Set([...writes.added, ...writes.decided].map((row) => row.fingerprint))],
      };
    },
  };
}

const tooMany = 'There are too many hashed names to compare; import a file without hashes (HashKnownHosts no).';

function problemsOf({ problems, skipped }: KnownHostsFile, writes: Writes): Answer['problems'] {
  const all = [...problems, ...writes.problems, ...skipped.map((line) => ({ line, message: tooMany }))];
  return all.toSorted((a, b) => a.line - b.line).slice(0, maxProblems);
}

interface Writes {
  added: HostKeyRow[];
  decided: { id: string; state: HostKeyRow['state']; fingerprint: string }[];
  /** Ids of waiting keys that differ from one that is trusted now. */
  rivals: string[];
  unchanged: number;
  /** The same as people see it. */
  rows: KnownHostsPreview['keys'];
  problems: Answer['problems'];
}

/** What the lines mean for the keys that are known. */
function decide(
  found: KnownHostsMatch['found'],
  known: ReadonlyMap<string, readonly HostKeyRow[]>,
  { now, by }: { now: number; by: string },
): Writes {
  const writes: Writes = { added: [], decided: [], rivals: [], unchanged: 0, rows: [], problems: [] };
  const done = new Set<string>();
  for (const { entry, endpoints } of found) {
    const print = fingerprint(entry.key);
    for (const endpoint of endpoints) {
      const place = endpointKey(endpoint);
      if (done.has(`${place} ${print}`)) continue;
      done.add(`${place} ${print}`);
      decideOne(writes, { entry, print, endpoint, rows: known.get(place) ?? [], now, by });
    }
  }
  const decided = new Set(writes.decided.map((row) => row.id));
  writes.rivals = writes.rivals.filter((id) => !decided.has(id));
  return writes;
}

function decideOne(
  writes: Writes,
  {
    entry,
    print,
    endpoint,
    rows,
    now,
    by,
  }: {
    entry: KnownHost;
    print: string;
    endpoint: NamedEndpoint;
    rows: readonly HostKeyRow[];
    now: number;
    by: string;
  },
): void {
  const wanted = entry.marker === 'revoked' ? 'revoked' : 'trusted';
  const row = rows.find((candidate) => candidate.fingerprint === print);
  if (row?.state === wanted) {
    writes.unchanged++;
    return;
  }
  const show = (state: HostKeyRow['state']) =>
    writes.rows.push({ line: entry.line, host: endpoint.name, type: entry.type, fingerprint: print, state });
  const add = (state: HostKeyRow['state'], changed: boolean) => {
    show(state);
    writes.added.push({
      id: uuid(),
      zone_id: endpoint.zoneId,
      address: endpoint.address,
      port: endpoint.port,
      type: entry.type,
      key_data: entry.key,
      fingerprint: print,
      state,
      changed,
      seen_at: now,
      decided_by: state === 'pending' ? null : by,
    });
  };
  const problem = (message: string) => writes.problems.push({ line: entry.line, message });

  if (wanted === 'trusted') {
    if (row?.state === 'revoked') {
      problem(`${print} is revoked for ${endpoint.name}; if that was a mistake, remove it first (om hostkeys remove).`);
      return;
    }
    const other = rows.find((candidate) => candidate.state === 'trusted' && candidate.type === entry.type);
    if (other) {
      const what = `${endpoint.name} has another trusted ${entry.type} key (${other.fingerprint}).`;
      problem(
        `${what} If the server really changed, trust the new one by name: om hostkeys trust ${endpoint.name} --fingerprint ${print}`,
      );
      if (!row) add('pending', true);
      return;
    }
    writes.rivals.push(...rows.filter((rival) => rival.state === 'pending' && rival !== row).map((rival) => rival.id));
  }
  if (row) {
    show(wanted);
    writes.decided.push({ id: row.id, state: wanted, fingerprint: print });
  } else add(wanted, false);
}
