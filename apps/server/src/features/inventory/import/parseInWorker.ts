import { Worker } from 'node:worker_threads';
import { OmError } from '@omanager/contract';
import type { ParsedImport } from './fields.ts';
import type { ImportFormat } from './parse.ts';

const maxWorkers = 2;
const timeoutMs = 20_000;
let active = 0;

/** `parseImport` in a thread with bounded memory and time. BUSY when too many files are being read. */
export async function parseInWorker(format: ImportFormat, text: string, signal: AbortSignal): Promise<ParsedImport> {
  signal.throwIfAborted();
  if (active >= maxWorkers) throw new OmError('BUSY', 'Other files are being read just now; try again shortly.');
  active++;
  const worker = new Worker(new URL('./parseWorker.ts', import.meta.url), {
    workerData: { format, text },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 512, stackSizeMb: 4 },
  });
  try {
    return await answerOf(worker, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  } finally {
    active--;
    await worker.terminate();
  }
}

function answerOf(worker: Worker, signal: AbortSignal): Promise<ParsedImport> {
  const unreadable = new OmError(
    'LIMIT',
    'The file takes too much time or memory to read; make it simpler or split it.',
  );
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', () => reject(unreadable));
    worker.once('exit', () => reject(unreadable));
    signal.addEventListener('abort', () => reject(unreadable), { once: true });
  });
}
