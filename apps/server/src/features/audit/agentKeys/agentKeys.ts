import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../../db/database.ts';
import type { Sealer } from '../../vault/sealer.ts';
import { type AgentKeyRow, findKey, findWaiting, insertKey, revokeKeys, touchKey } from './agentKeyStore.ts';

export interface AgentKey {
  id: string;
  hostId: string;
  key: Uint8Array;
}

/** The keys that agents sign their batches with. Nothing is cached: a revocation holds from the next batch on. */
export interface AgentKeys {
  /** Undefined for a key that is unknown or revoked. */
  findAgentKey(keyId: string): Promise<{ hostId: string; key: Uint8Array } | undefined>;
  /** A batch that this key signed was taken: its first use ends the older keys of the host, which it replaces. */
  seen(keyId: string): Promise<void>;
  /** For the install of an agent: the key that waits for its first use, or a new one. */
  issue(hostId: string): Promise<AgentKey>;
  /** The agents of these hosts were removed: none of their keys counts any more. */
  removed(tx: Tx, hostIds: readonly string[]): Promise<void>;
}

/** The context that a key is sealed with. */
const agentKeyContext = (id: string, hostId: string): string => `agent|${id}|${hostId}`;

const keyBytes = 32;
/** How often the last use of a key is written down. */
const touchMs = 30_000;

export function createAgentKeys({ db, sealer }: { db: Database; sealer: Sealer }): AgentKeys {
  const opened = ({ id, host_id, key_sealed }: Pick<AgentKeyRow, 'id' | 'host_id' | 'key_sealed'>): AgentKey => ({
    id,
    hostId: host_id,
    key: sealer.open(agentKeyContext(id, host_id), key_sealed),
  });

  return {
    async findAgentKey(keyId) {
      const row = await findKey(db.knex, keyId);
      if (!row || row.revoked_at !== null) return undefined;
      const { hostId, key } = opened(row);
      return { hostId, key };
    },

    async seen(keyId) {
      const row = await findKey(db.knex, keyId);
      const now = Date.now();
      if (!row || (row.last_seen_at !== null && now - Number(row.last_seen_at) < touchMs)) return;
      await db.transaction(async (tx) => {
        await touchKey(tx, keyId, now);
        if (row.first_seen_at === null)
          await revokeKeys(tx, { hostId: row.host_id, before: keyId }, { at: now, why: 'replaced' });
      });
    },

    issue: (hostId) =>
      db.transaction(async (tx) => {
        const waiting = await findWaiting(tx, hostId);
        if (waiting) return opened(waiting);
        const id = uuid();
        const key_sealed = sealer.seal(agentKeyContext(id, hostId), randomBytes(keyBytes));
        const row = { id, host_id: hostId, key_sealed, made_at: Date.now() };
        await insertKey(tx, row);
        return opened(row);
      }),

    async removed(tx, hostIds) {
      for (const hostId of hostIds) await revokeKeys(tx, { hostId }, { at: Date.now(), why: 'removed' });
    },
  };
}
