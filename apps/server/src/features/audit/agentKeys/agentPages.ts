import type { ParamsOf, ResultOf } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { iso, isoOrNull } from '../../../db/page.ts';
import { type AgentStream, streamsOfKeys } from '../commands/agentStreams.ts';
import { readSaid } from '../commands/sequences.ts';
import type { DescribeHosts } from '../rules/matcher.ts';
import { type AgentKeyRow, pageOfKeys } from './agentKeyStore.ts';

/** Keys, each with what is known of the agent that signs with it. */
export async function pageOfAgents(
  db: Database,
  describe: DescribeHosts,
  asked: ParamsOf<'agents.list'>,
): Promise<ResultOf<'agents.list'>> {
  const { rows, ...next } = await pageOfKeys(db.knex, asked);
  const [hosts, streams] = await Promise.all([
    describe([...new Set(rows.map((row) => row.host_id))]),
    streamsOfKeys(
      db.knex,
      rows.map(({ id }) => id),
    ),
  ]);
  const items = rows.map((row) => {
    const stream = streams.get(row.id);
    return {
      ...toAgentKey(row),
      hostName: hosts.get(row.host_id)?.name ?? null,
      agent: stream ? toAgentStatus(stream) : null,
    };
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
