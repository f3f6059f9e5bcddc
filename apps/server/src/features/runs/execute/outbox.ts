import type { Exchanged, HostAttempt, HostResult, ProbeAnswer } from '../claims/exchange.ts';
import type { NewChunk } from '../output/output.ts';

/** What goes to the store in one exchange. */
export interface Batch {
  chunks: NewChunk[];
  results: HostResult[];
  probed: ProbeAnswer[];
}

/** What waits for the store, of one run; bounded by the bytes of output in it. */
export interface Outbox {
  readonly empty: boolean;
  /** A promise when there is more than may wait: whoever writes waits for it. */
  addOutput(chunk: NewChunk): Promise<void> | void;
  /** @param stored told whether the result was taken */
  addResult(result: HostResult, stored: (stored: boolean) => void): void;
  addProbed(answer: ProbeAnswer): void;
  /** All of it; until it is settled or put back its hosts are on their way. */
  take(): Batch;
  /** The store could not be reached: it goes with the next exchange. */
  putBack(batch: Batch): void;
  /** The store has taken the batch, or never will (`done` is missing). Returns the bytes of output that wait no longer. */
  settle(batch: Batch, done?: Pick<Exchanged, 'accepted'>): number;
  /** Hosts whose results wait or are on their way. */
  hosts(): number[];
}

/** Output that may wait in memory for the store, over all hosts of the run, in bytes. */
const maxWaiting = 8 * 1024 * 1024;
/** Of one result: a server may say what it likes, and what a database cannot hold would keep all of the exchange away from it. */
const maxMessage = 10_000;
const maxSurvivors = 1000;

export function createOutbox(): Outbox {
  let waiting: Batch = { chunks: [], results: [], probed: [] };
  let onTheWay: HostAttempt[] = [];
  let waitingBytes = 0;
  const drained: (() => void)[] = [];
  const onStored = new WeakMap<HostResult, (stored: boolean) => void>();

  return {
    get empty() {
      return waiting.chunks.length + waiting.results.length + waiting.probed.length === 0;
    },
    addOutput(chunk) {
      waiting.chunks.push(chunk);
      waitingBytes += chunk.data.length;
      if (waitingBytes < maxWaiting) return;
      return new Promise((resolve) => {
        drained.push(resolve);
      });
    },
    addResult(result, stored) {
      const kept = { ...result, ...short(result) };
      onStored.set(kept, stored);
      waiting.results.push(kept);
    },
    addProbed(answer) {
      waiting.probed.push({ ...answer, ...short(answer) });
    },
    take() {
      const batch = waiting;
      waiting = { chunks: [], results: [], probed: [] };
      onTheWay = [...batch.results, ...batch.probed];
      return batch;
    },
    putBack(batch) {
      onTheWay = [];
      waiting = {
        chunks: [...batch.chunks, ...waiting.chunks],
        results: [...batch.results, ...waiting.results],
        probed: [...batch.probed, ...waiting.probed],
      };
    },
    settle(batch, done) {
      onTheWay = [];
      const bytes = batch.chunks.reduce((sum, { data }) => sum + data.length, 0);
      waitingBytes -= bytes;
      for (const resume of drained.splice(0)) resume();
      for (const result of batch.results) onStored.get(result)?.(done?.accepted.has(result.ordinal) ?? false);
      return bytes;
    },
    hosts: () => [...waiting.results, ...waiting.probed, ...onTheWay].map(({ ordinal }) => ordinal),
  };
}

function short<T extends { message?: string | null; survivors?: number[] }>({ message, survivors }: T) {
  return {
    ...(typeof message === 'string' ? { message: message.slice(0, maxMessage) } : {}),
    ...(survivors ? { survivors: survivors.slice(0, maxSurvivors) } : {}),
  };
}
