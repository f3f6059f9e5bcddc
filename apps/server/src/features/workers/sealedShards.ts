import { OmError, type ResultOf } from '@omanager/contract';
import { decodeKey } from '@omanager/secure-channel';
import type { WorkerActor } from '../../rpc/actor.ts';
import type { ClaimedHost, Orders } from '../runs/claims/exchange.ts';
import type { ZoneWork } from '../runs/claims/zoneWork.ts';

/** What of a run goes to a worker, in clear, and how it is sealed: given to this feature, which knows neither. */
export interface ShardsPort {
  plan(runId: string): Promise<Uint8Array>;
  hosts(runId: string, ordinals: number[], zoneId: string): Promise<Uint8Array>;
}

export type Seal = (
  publicKey: Uint8Array,
  bound: { kind: 'shard' | 'plan'; runId: string; zoneId: string; workerId: string; part: string },
  plain: Uint8Array,
) => Uint8Array;

/** Shards and plans, sealed so that one worker can open them, as what they are and nothing else. */
export interface SealedShards {
  hosts(
    worker: WorkerActor,
    runId: string,
    claimed: { hosts: ClaimedHost[]; orders: Orders },
  ): Promise<ResultOf<'worker.claim'>['shards'][number]>;
  /** A piece of what all shards of a run share; FORBIDDEN unless the owner holds a host of it. */
  plan(
    worker: WorkerActor,
    owner: string,
    asked: { runId: string; part: number },
  ): Promise<NonNullable<ResultOf<'worker.claim'>['plan']>>;
}

/** Below half a message: sealed and in base64 it is a third longer. */
const partBytes = 4 * 1024 * 1024;

export function createSealedShards({
  shards,
  seal,
  work,
}: {
  shards: ShardsPort;
  seal: Seal;
  work: Pick<ZoneWork, 'holds'>;
}): SealedShards {
  return {
    async hosts({ publicKey, zoneId, workerId }, runId, { hosts, orders }) {
      const plain = await shards.hosts(
        runId,
        hosts.map(({ ordinal }) => ordinal),
        zoneId,
      );
      const sealed = seal(decodeKey(publicKey), { kind: 'shard', runId, zoneId, workerId, part: '' }, plain);
      plain.fill(0);
      return { runId, orders, hosts, sealed: base64(sealed) };
    },

    async plan({ publicKey, zoneId, workerId }, owner, { runId, part }) {
      if (!(await work.holds(runId, owner)))
        throw new OmError('FORBIDDEN', 'The plan of a run is for workers that hold one of its servers.');
      const plain = await shards.plan(runId);
      const parts = Math.max(1, Math.ceil(plain.length / partBytes));
      if (part >= parts) throw new OmError('NOT_FOUND', `The plan has ${parts} parts.`);
      const piece = plain.subarray(part * partBytes, (part + 1) * partBytes);
      const bound = { kind: 'plan' as const, runId, zoneId, workerId, part: `${part}/${parts}` };
      const sealed = seal(decodeKey(publicKey), bound, piece);
      plain.fill(0);
      return { runId, part, parts, sealed: base64(sealed) };
    },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
