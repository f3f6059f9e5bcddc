import { type Client, fromBase64 } from '@omanager/client';
import { type HostRun, OmError, type OutputChunk, type PlanHost, type ResultOf, type Run } from '@omanager/contract';

/** What a page takes into one file; more is for `om`, which writes to disk as it reads. */
export const mostBytes = 64 * 1024 * 1024;

/** One server and what it wrote; `cut`: there is more than a page takes. */
export interface Gathered {
  readonly host: HostRun;
  readonly chunks: readonly OutputChunk[];
  readonly cut: boolean;
}

/** Reads the stored output of these servers, one after the other, until there are so many bytes in all. */
export async function* gather(
  client: Pick<Client, 'call'>,
  run: Pick<Run, 'id'>,
  hosts: readonly HostRun[],
  signal: AbortSignal,
  most = mostBytes,
): AsyncGenerator<Gathered> {
  let left = most;
  for (const host of hosts) {
    const chunks: OutputChunk[] = [];
    let cut = false;
    for (let after = 0, more = host.startedAt !== null; more; ) {
      if (left <= 0) {
        cut = true;
        break;
      }
      const of = { runId: run.id, ordinal: host.ordinal, attempt: host.attempt };
      const page = await client
        .call('runs.output', { ...of, after, maxBytes: Math.min(left, 1_048_576) }, { signal })
        .catch(noneWhereRemoved);
      for (const chunk of page.chunks) {
        chunks.push(chunk);
        left -= Math.ceil((chunk.data.length * 3) / 4);
        after = chunk.seq;
      }
      more = page.more && page.chunks.length > 0;
    }
    yield { host, chunks, cut };
  }
}

/** Retention keeps results without their output: those are still worth a file. */
function noneWhereRemoved(error: unknown): ResultOf<'runs.output'> {
  if (error instanceof OmError && error.code === 'OUTPUT_REMOVED') return { chunks: [], more: false };
  throw error;
}

export type Places = ReadonlyMap<number, Pick<PlanHost, 'address' | 'zone'>>;

/** Address and zone by ordinal, as the plan froze them. */
export async function placesOf(client: Pick<Client, 'call'>, planId: string, signal: AbortSignal): Promise<Places> {
  const places = new Map<number, Pick<PlanHost, 'address' | 'zone'>>();
  for (let cursor: string | undefined; ; ) {
    const page = await client.call(
      'runs.planHosts',
      { planId, limit: 1000, ...(cursor !== undefined && { cursor }) },
      { signal },
    );
    for (const { ordinal, address, zone } of page.items) places.set(ordinal, { address, zone });
    if (page.next === undefined) return places;
    cursor = page.next;
  }
}

export const bytesOf = ({ data }: OutputChunk): Uint8Array<ArrayBuffer> => fromBase64(data);
