import { parentPort, workerData } from 'node:worker_threads';
import { inflateRawSync } from 'node:zlib';
import type { OutputStream } from './outputCounts.ts';
import { compileSearch, type LineFinder, type SearchPattern } from './searchPattern.ts';
import { createScan, type Scanned } from './searchScan.ts';

/** What the thread is started with. */
export interface SearchTask extends SearchPattern {
  limit: number;
  skip: number;
}

/** Chunks as they are stored, one after the other in `data`. */
export interface SearchPage {
  chunks: PageChunk[];
  data: ArrayBuffer;
}

export interface PageChunk {
  ordinal: number;
  attempt: number;
  stream: OutputStream;
  codec: string;
  bytes: number;
  lines: number;
  byte: number;
  line: number;
  lineOfBoth: number;
}

/** The answer to each page, and to the end (null), unless the pattern is none. */
export type SearchAnswer = { invalid: string } | Scanned;

/** The worker thread of one search: it knows no database, only chunks; whoever started it may end it at any moment. */
function main(): void {
  if (!parentPort) throw new Error('this is the code of a worker thread');
  const port = parentPort;
  const task: SearchTask = workerData;
  const answer = (message: SearchAnswer) => port.postMessage(message);
  let finder: LineFinder;
  try {
    finder = compileSearch(task);
  } catch (error) {
    answer({ invalid: error instanceof Error ? error.message : String(error) });
    return;
  }
  const scan = createScan(finder, task);
  port.on('message', (page: SearchPage | null) => {
    if (!page) {
      scan.finish();
      answer(scan.take());
      return;
    }
    let at = 0;
    for (const { bytes, codec, ...place } of page.chunks) {
      const stored = Buffer.from(page.data, at, bytes);
      at += bytes;
      scan.add({ ...place, data: codec === 'deflate' ? inflateRawSync(stored) : stored });
    }
    answer(scan.take());
  });
}

main();
