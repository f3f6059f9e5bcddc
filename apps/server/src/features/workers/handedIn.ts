import { OmError, type ParamsOf } from '@omanager/contract';
import { describeKey } from '@omanager/ssh-fleet';
import type { WorkerActor } from '../../rpc/actor.ts';
import type { Exchange, HostAttempt } from '../runs/claims/exchange.ts';
import type { HeldRow, ZoneWork } from '../runs/claims/zoneWork.ts';
import type { Endpoint } from '../runs/ports.ts';

type Report = ParamsOf<'worker.report'>;
type Given = Omit<Report, 'instance' | 'runId' | 'want'>;

export interface HostKeysPort {
  record(
    endpoint: Endpoint,
    offered: { type: string; key: string; fingerprint: string },
    why: 'unknown' | 'changed' | 'accepted',
  ): Promise<unknown>;
  /** Where each host of a run is reached, and by way of which jump hosts. */
  routes(
    runId: string,
    ordinals: number[],
  ): Promise<ReadonlyMap<number, Endpoint & { readonly hops: readonly Endpoint[] }>>;
}

/** What a worker hands in, looked at before anything is written: it is about hosts of its zone, and about its own work. */
export interface HandedIn {
  /** Throws FORBIDDEN for a host of another zone. */
  requireOwnZone(worker: WorkerActor, runId: string, hosts: readonly { ordinal: number }[]): Promise<void>;
  /** Drops output of attempts that this owner never began, and what no worker that keeps to the run's cap would send. */
  check(
    worker: WorkerActor,
    owner: string,
    runId: string,
    given: Given,
  ): Promise<Pick<Exchange, 'chunks' | 'results' | 'probed'> & Pick<Given, 'hostKeys'>>;
  /** Writes down the keys that servers showed, as far as the worker holds these servers. */
  recordKeys(worker: WorkerActor, owner: string, runId: string, keys: Given['hostKeys']): Promise<void>;
}

const slackBytes = 256 * 1024 * 1024;

export function createHandedIn({
  work,
  hostKeys,
  runCapBytes = Number.POSITIVE_INFINITY,
}: {
  work: Pick<ZoneWork, 'rows' | 'begunBefore' | 'outputBytes'>;
  runCapBytes?: number | undefined;
  hostKeys: HostKeysPort;
}): HandedIn {
  async function ownHosts(
    { zoneId }: WorkerActor,
    runId: string,
    hosts: readonly { ordinal: number }[],
  ): Promise<Map<number, HeldRow>> {
    const ordinals = [...new Set(hosts.map(({ ordinal }) => ordinal))];
    const rows = await work.rows(runId, ordinals);
    const foreign = ordinals.find((ordinal) => rows.get(ordinal)?.zone_id !== zoneId);
    if (foreign !== undefined)
      throw new OmError('FORBIDDEN', `Server ${foreign} of this run is not in the zone of this worker.`);
    return rows;
  }

  return {
    async requireOwnZone(worker, runId, hosts) {
      await ownHosts(worker, runId, hosts);
    },

    async check(worker, owner, runId, { chunks, results, probed, hostKeys: keys }) {
      const rows = await ownHosts(worker, runId, [...chunks, ...results, ...probed, ...keys]);
      const current = ({ ordinal, attempt }: HostAttempt) => {
        const row = rows.get(ordinal);
        return row?.attempt === attempt && row.worker === owner;
      };
      const earlier = chunks.filter((chunk) => !current(chunk));
      const before = earlier.length === 0 ? new Set<string>() : await work.begunBefore(runId, owner, earlier);
      // Workers that fill the last room at the same time exceed the cap by what they had waiting, and not by more.
      const full = chunks.length > 0 && (await work.outputBytes(runId)) > runCapBytes + slackBytes;
      const begun = (host: HostAttempt) => current(host) || before.has(`${host.ordinal}.${host.attempt}`);
      return {
        chunks: (full ? [] : chunks.filter(begun)).map(({ data, ...chunk }) => ({
          ...chunk,
          data: Buffer.from(data, 'base64'),
        })),
        // The schema says `undefined` for what is absent.
        results: results.map((result) => withoutUndefined(result)),
        probed: probed.map(({ tail, ...answer }) => ({
          ...answer,
          tail: tail === null ? null : Buffer.from(tail, 'base64'),
        })),
        hostKeys: keys,
      };
    },

    async recordKeys({ zoneId }, owner, runId, keys) {
      if (keys.length === 0) return;
      const ordinals = [...new Set(keys.map(({ ordinal }) => ordinal))];
      const [rows, routes] = await Promise.all([work.rows(runId, ordinals), hostKeys.routes(runId, ordinals)]);
      for (const { ordinal, hop, key, why } of keys) {
        const route = routes.get(ordinal);
        const place = hop === null ? route : route?.hops[hop - 1];
        if (!place || rows.get(ordinal)?.lease_owner !== owner) continue;
        // A jump host of another zone is not for this worker to pin: somebody is asked.
        const may = why === 'accepted' && place.zoneId !== zoneId ? 'unknown' : why;
        await hostKeys.record(place, describeKey(Buffer.from(key, 'base64')), may);
      }
    },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends HostAttempt & { state: unknown }>(
  given: T,
): Defined<Omit<T, 'ordinal' | 'attempt' | 'state'>> & Pick<T, 'ordinal' | 'attempt' | 'state'> {
  // Leaving out what is undefined is just what the type says.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof withoutUndefined<T>
  >;
}
