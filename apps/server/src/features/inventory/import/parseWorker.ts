import { parentPort, workerData } from 'node:worker_threads';
import { parseImport } from './parse.ts';

// The thread of parseInWorker.ts: a file that is slow to read blocks nobody and can be stopped.
const { format, text } = workerData;
parentPort?.postMessage(parseImport(format, text));
