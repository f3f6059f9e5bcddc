import type { AgentKey, ParamsOf, ResultOf } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { encodeCursor, iso, isoOrNull } from '../../../db/page.ts';
import { type AgentStream, streamsOfKeys } from '../commands/agentStreams.ts';
import { readSaid } from '../commands/sequences.ts';
import type { DescribeHosts } from '../rules/matcher.ts';
import { type AgentKeyRow, pageOfKeys } from './agentKeyStore.ts';
import { troublesOf } from './agentTroubles.ts';

export interface AgentsOf {
  db: Database;
  describe: DescribeHosts;
  /** The newest of agents. */
  agentVersion: string;
}

/** Keys that are looked through at once for a filter that the database cannot ask. */
const looked = 500;

/** Keys, each with what is known of the agent that signs with it. */
export async function pageOfAgents(
  of: AgentsOf,
  { host, trouble, limit, ...asked }: ParamsOf<'agents.list'>,
): Promise<ResultOf<'agents.list'>> {
  const isWanted = wanted(host, trouble);
  if (!isWanted) return readPage(of, { ...asked, limit });
  const found: AgentKey[] = [];
  for (let { cursor } = asked; ; ) {
    const { items, next } = await readPage(of, { ...asked, cursor, limit: looked });
    for (const [place, item] of items.entries()) {
      if (!isWanted(item)) continue;
      found.push(item);
      const isLast = place === items.length - 1 && next === undefined;
      if (found.length === limit) return isLast ? { items: found } : { items: found, next: encodeCursor(item.id) };
    }
    if (next === undefined) return { items: found };
    cursor = next;
  }
}

function wanted(host: string | undefined, trouble: ParamsOf<'agents.list'>['trouble']) {
  if (!host && !trouble) return null;
  const part = host?.toLowerCase() ?? '';
  return ({ hostName, troubles }: AgentKey): boolean =>
    (hostName ?? '').toLowerCase().includes(part) &&
    (trouble === undefined || (trouble === 'any' ? troubles.length > 0 : troubles.includes(trouble)));
}

async function readPage(
  { db, describe, agentVersion }: AgentsOf,
  asked: Parameters<typeof pageOfKeys>[1],
): Promise<ResultOf<'agents.list'>> {
  const { rows, ...next } = await pageOfKeys(db.knex, asked);
  const [hosts, streams] = await Promise.all([
    describe([...new Set(rows.map((row) => row.host_id))]),
    streamsOfKeys(
      db.knex,
      rows.map(({ id }) => id),
    ),
  ]);
  const against = { now: Date.now(), agentVersion };
  const items = rows.map((row) => {
    const stream = streams.get(row.id);
    const key = {
      ...toAgentKey(row),
      hostName: hosts.get(row.host_id)?.name ?? null,
      agent: stream ? toAgentStatus(stream) : null,
    };
    return { ...key, troubles: troublesOf(key, against) };
  });
  return { items, ...next };
}

function toAgentKey(row: AgentKeyRow) {
  return {
    id: row.id,
    hostId: row.host_id,
    createdAt: iso(row.made_at),
    firstSeenAt: isoOrNull(row.first_seen_at),
    lastSeenAt: isoOrNull(row.last_seen_at),
    revokedAt: isoOrNull(row.revoked_at),
    revokedFor: row.revoked_for,
  };
}

function toAgentStatus(stream: AgentStream) {
  const { version, waiting, kib, bound, lost } = readSaid(stream.status);
  return {
    lastSeenAt: iso(Number(stream.last_seen)),
    heartbeatAt: isoOrNull(numberOrNull(stream.status_at)),
    silentSince: isoOrNull(numberOrNull(stream.silent_since)),
    version: version ?? null,
    address: stream.address,
    lagMs: numberOrNull(stream.lag_ms),
    clockSeconds: numberOrNull(stream.clock_seconds),
    waiting: waiting ?? null,
    spoolKib: kib ?? null,
    spoolBoundKib: bound ?? null,
    lost: lost ?? null,
  };
}

const numberOrNull = (value: number | null): number | null => (value === null ? null : Number(value));
