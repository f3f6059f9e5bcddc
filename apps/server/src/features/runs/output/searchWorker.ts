import { Worker } from 'node:worker_threads';
import { OmError } from '@omanager/contract';
import type { Scanned } from './searchScan.ts';
import type { SearchAnswer, SearchPage, SearchTask } from './searchThread.ts';

export interface SearchThread extends Disposable {
  /** Searches a page, or after the last one (null) what is held back. One at a time. Rejects when `signal` ends the thread. */
  ask(page: SearchPage | null): Promise<Scanned>;
}

const maxMemoryMb = 256;

/** Starts the thread of one search. It is ended at once, whatever it does, when `signal` is aborted. */
export function startSearchThread(
  { pattern, regex, ignoreCase, limit, skip }: SearchTask,
  signal: AbortSignal,
): SearchThread {
  const workerData: SearchTask = { pattern, regex, ignoreCase, limit, skip };
  const worker = new Worker(new URL('./searchThread.ts', import.meta.url), {
    workerData,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
  });
  let failure: unknown;
  let waiting: { resolve(scanned: Scanned): void; reject(error: unknown): void } | undefined;

  function fail(error: unknown): void {
    failure ??= error;
    waiting?.reject(failure);
    void worker.terminate();
  }
  const abort = () => fail(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  worker.on('message', (answer: SearchAnswer) => {
    if ('invalid' in answer) fail(new OmError('INVALID_PARAMS', answer.invalid));
    else waiting?.resolve(answer);
  });
  worker.on('error', (error) =>
    fail(outOfMemory(error) ? new OmError('LIMIT', 'The pattern needs too much memory.') : error),
  );
  worker.on('exit', () => fail(new Error('the thread of a search has ended')));

  return {
    ask(page) {
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        worker.postMessage(page, page ? [page.data] : []);
      });
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', abort);
      void worker.terminate();
    },
  };
}

function outOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
