import { OmError } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { iso, isoOrNull } from '../../../db/page.ts';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import { type AgentKeyRow, findKey, pageOfKeys, revokeKeys } from './agentKeyStore.ts';

export type AgentHandlers = HandlersOf<'agents.list' | 'agents.revoke'>;

export function createAgentHandlers(db: Database): AgentHandlers {
  return {
    'agents.list': async (_call, asked) => {
      const { rows, ...next } = await pageOfKeys(db.knex, asked);
      return { items: rows.map(toAgentKey), ...next };
    },
    'agents.revoke': (call, { id }) =>
      call.commit(async (tx, note) => {
        note.object = `agent:${id}`;
        if (!(await findKey(tx, id))) throw new OmError('NOT_FOUND', 'There is no such key of an agent.');
        await revokeKeys(tx, { id }, { at: Date.now(), why: 'operator' });
        return { ok: true } as const;
      }),
  };
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
