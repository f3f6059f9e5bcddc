import { type Client, fromBase64, uploadFile } from '@omanager/client';
import { OmError } from '@omanager/contract';
import { asOmError } from '../../data/calls.ts';
import { nameOf } from './paths.ts';
import type { Target } from './saving.ts';

export type TransferState = 'waiting' | 'running' | 'checking' | 'done' | 'failed' | 'exists' | 'cancelled';

export interface Transfer {
  readonly id: number;
  readonly host: string;
  readonly kind: 'upload' | 'download';
  /** On the server. */
  readonly path: string;
  /** Bytes; 0 while they are not known. */
  readonly size: number;
  readonly done: number;
  /** Bytes a second since it began. */
  readonly speed: number;
  readonly state: TransferState;
  readonly error: OmError | null;
}

/** So many are told of; the oldest that have ended go first. */
const mostTold = 200;
const tellEveryMs = 100;

type Report = (change: Partial<Pick<Transfer, 'size' | 'done' | 'state'>>) => void;
type Work = (signal: AbortSignal, report: Report) => Promise<void>;

export interface Transfers {
  readonly list: () => readonly Transfer[];
  subscribe(listener: () => void): () => void;
  download(host: string, path: string, target: Target): void;
  upload(host: string, path: string, file: File, options: { confirm: string | undefined; replace?: boolean }): void;
  /** One that found a file at its path is sent again, over it. */
  replace(id: number): void;
  cancel(id: number): void;
  clear(): void;
  /** Cancels them all. */
  end(): void;
}

const underWay: ReadonlySet<TransferState> = new Set(['waiting', 'running', 'checking']);
export const isUnderWay = ({ state }: Transfer): boolean => underWay.has(state);

/** What comes and goes, one after the other; it goes on while its person looks at something else in the client. */
export function createTransfers(client: Client): Transfers {
  let list: readonly Transfer[] = [];
  let next = 1;
  let busy = false;
  const jobs = new Map<number, { work: Work; stop: AbortController; again?: () => void }>();
  const listeners = new Set<() => void>();

  function set(changed: readonly Transfer[]): void {
    const over = changed.length - mostTold;
    const old = new Set(over > 0 ? changed.filter((one) => !isUnderWay(one)).slice(0, over) : []);
    list = changed.filter((one) => !old.has(one));
    for (const { id } of old) jobs.delete(id);
    for (const listener of [...listeners]) listener();
  }
  const change = (id: number, to: Partial<Transfer>) =>
    set(list.map((one) => (one.id === id ? { ...one, ...to } : one)));

  function add(about: Pick<Transfer, 'host' | 'kind' | 'path' | 'size'>, work: Work, again?: () => void): void {
    const id = next++;
    jobs.set(id, { work, stop: new AbortController(), ...(again && { again }) });
    set([...list, { ...about, id, done: 0, speed: 0, state: 'waiting', error: null }]);
    void runNext();
  }

  async function runNext(): Promise<void> {
    const one = list.find(({ state }) => state === 'waiting');
    const job = one && jobs.get(one.id);
    if (busy || !job) return;
    busy = true;
    const { id } = one;
    const guard = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', guard);
    const began = performance.now();
    let told = 0;
    change(id, { state: 'running' });
    try {
      await job.work(job.stop.signal, (to) => {
        const now = performance.now();
        if (to.state === undefined && now - told < tellEveryMs && to.done !== to.size) return;
        told = now;
        const speed = to.done === undefined ? {} : { speed: (to.done / Math.max(1, now - began)) * 1000 };
        change(id, { ...to, ...speed });
      });
      change(id, { state: 'done' });
    } catch (cause) {
      const error = asOmError(cause);
      // Given up too late, it is in its place, which is told.
      if (job.stop.signal.aborted && error.code !== 'CONFLICT') change(id, { state: 'cancelled' });
      else if (job.again && error.details?.exists === true) change(id, { state: 'exists', error });
      else change(id, { state: 'failed', error });
    } finally {
      window.removeEventListener('beforeunload', guard);
      busy = false;
      void runNext();
    }
  }

  const transfers: Transfers = {
    list: () => list,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    download(host, path, target) {
      add({ host, path, kind: 'download', size: 0 }, async (signal, report) => {
        const sink = await target.open(nameOf(path));
        try {
          for await (const { offset, size, data } of client.stream('files.read', { host, path }, { signal })) {
            const part = fromBase64(data);
            const done = offset + part.length;
            if (target.limit !== null && Math.max(size, done) > target.limit)
              throw new OmError(
                'TOO_LARGE',
                `It is larger than a browser keeps; fetch it with: om files get ${host}:${path}`,
              );
            await sink.write(part);
            report({ done, size: Math.max(size, done) });
          }
          signal.throwIfAborted();
          await sink.close();
        } catch (error) {
          await sink.abort().catch(() => {});
          throw error;
        }
      });
    },
    upload(host, path, file, { confirm, replace = false }) {
      const again = replace ? undefined : () => transfers.upload(host, path, file, { confirm, replace: true });
      const work: Work = async (signal, report) => {
        await uploadFile({
          ...{ client, host, path, size: file.size, replace, confirm, signal },
          read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
          onSent: (done) => report({ done, size: file.size, ...(done === file.size && { state: 'checking' }) }),
        });
      };
      add({ host, path, kind: 'upload', size: file.size }, work, again);
    },
    replace(id) {
      const again = jobs.get(id)?.again;
      if (!again) return;
      set(list.filter((one) => one.id !== id));
      jobs.delete(id);
      again();
    },
    cancel(id) {
      jobs.get(id)?.stop.abort();
      if (list.some((one) => one.id === id && one.state === 'waiting')) change(id, { state: 'cancelled' });
    },
    clear: () => set(list.filter(isUnderWay)),
    end() {
      for (const { id } of list) transfers.cancel(id);
    },
  };
  return transfers;
}
