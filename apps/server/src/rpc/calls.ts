import { createHash } from 'node:crypto';
import { OmError } from '@omanager/contract';
import type { Database, Tx } from '../db/database.ts';
import type { Sealer } from '../features/vault/sealer.ts';

/** Answers of changing calls, kept so that a repeat gets the first answer and nothing happens twice. */
export interface Calls {
  /** The first answer to this call, or undefined. CALL_ID_REUSED when the id was used for something else. */
  find(caller: string, callId: string, method: string, params: unknown): Promise<{ result: unknown } | undefined>;
  /** Remembers the answer; a duplicate key means that another connection was faster. */
  save(
    tx: Tx,
    call: { caller: string; callId: string; method: string; params: unknown; secret: boolean },
    result: unknown,
  ): Promise<void>;
  /** Forgets answers older than `before` (UTC ms). */
  prune(before: number): Promise<number>;
}

export function createCalls({ db, sealer }: { db: Database; sealer: Sealer }): Calls {
  return {
    async find(caller, callId, method, params) {
      const row = await db.knex('calls').where({ caller, call_id: callId }).first();
      if (!row) return undefined;
      if (row.method !== method || row.params_hash !== hashOf(params)) throw new OmError('CALL_ID_REUSED');
      const plain = row.sealed ? sealer.open(`call|${caller}|${callId}`, row.result) : row.result;
      return { result: JSON.parse(Buffer.from(plain).toString('utf8')) };
    },
    async save(tx, { caller, callId, method, params, secret }, result) {
      const plain = Buffer.from(JSON.stringify(result));
      await tx('calls').insert({
        caller,
        call_id: callId,
        method,
        params_hash: hashOf(params),
        result: secret ? sealer.seal(`call|${caller}|${callId}`, plain) : plain,
        sealed: secret,
        at: await db.now(tx),
      });
    },
    prune: (before) => db.knex('calls').where('at', '<', before).delete(),
  };
}

function hashOf(params: unknown): string {
  return createHash('sha256').update(JSON.stringify(params)).digest('hex');
}
