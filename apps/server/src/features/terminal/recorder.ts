import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Sealer } from '../vault/sealer.ts';
import type { NewChunk } from './store.ts';

/** What is written soon, however little it is; kill -9 loses no more than that. */
const flushMs = 300;
const maxChunkBytes = 192 * 1024;
/** So much may wait to be stored; then the shell waits. */
const maxWaitingBytes = 1024 * 1024;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
const maxInflated = 4 * 1024 * 1024;

export interface Recorder {
  /** Whole lines of the file. Returns a promise while so much waits to be stored that its source should wait too. */
  write(lines: string, commands?: number): void | Promise<void>;
  /** Bytes of the file so far. */
  readonly bytes: number;
  /** Stores what waits. */
  end(): Promise<void>;
}

interface Options {
  recordingId: string;
  sealer: Sealer;
  /** How often a chunk is tried, and how long after one another. */
  limits: { storeTries: number; storePauseMs: number };
  store(chunk: NewChunk): Promise<boolean>;
  now: () => number;
  /** It cannot go on: nothing is recorded from now on. */
  onFailure(error: unknown): void;
}

/** Puts the lines of one file into sealed chunks, in order; each carries the hash of the file up to its end. */
export function createRecorder({ recordingId, sealer, limits, store, now, onFailure }: Options): Recorder {
  const hash = createHash('sha256');
  const waiting: string[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  let commands = 0;
  let seq = 0;
  let failed = false;
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> | undefined;

  function take(): Buffer {
    const lines: string[] = [];
    let size = 0;
    while (size < maxChunkBytes) {
      const line = waiting.shift();
      if (line === undefined) break;
      lines.push(line);
      size += Buffer.byteLength(line);
    }
    return Buffer.from(lines.join(''));
  }

  async function storeAll(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0 && !failed) {
      const plain = take();
      hash.update(plain);
      seq++;
      const sealed = sealer.seal(chunkContext(recordingId, seq), await deflate(plain, { level: 3 }));
      const sha256 = hash.copy().digest('hex');
      await tryToStore({ recordingId, seq, sealed, sha256, bytes: plain.length, commands, at: now() });
      waitingBytes -= plain.length;
    }
  }

  async function tryToStore(chunk: NewChunk): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        if (await store(chunk)) return;
        throw new Taken('this recording was ended by another process');
      } catch (error) {
        if (tried >= limits.storeTries || error instanceof Taken) {
          failed = true;
          waiting.length = 0;
          onFailure(error);
          return;
        }
        await sleep(limits.storePauseMs);
      }
    }
  }

  function flush(): Promise<void> {
    storing ??= storeAll().finally(() => {
      storing = undefined;
    });
    return storing;
  }

  return {
    write(lines, sent = 0) {
      if (failed || lines === '') return;
      commands += sent;
      waiting.push(lines);
      const size = Buffer.byteLength(lines);
      waitingBytes += size;
      bytes += size;
      if (waitingBytes >= maxChunkBytes) void flush();
      else timer ??= setTimeout(() => void flush(), flushMs);
      return waitingBytes >= maxWaitingBytes ? flush() : undefined;
    },
    get bytes() {
      return bytes;
    },
    async end() {
      await storing;
      await flush();
    },
  };
}

class Taken extends Error {}

const chunkContext = (recordingId: string, seq: number): string => `recording|${recordingId}|${seq}`;

/** The lines of one stored chunk. */
export async function openChunk(sealer: Sealer, recordingId: string, seq: number, sealed: Buffer): Promise<Buffer> {
  return inflate(sealer.open(chunkContext(recordingId, seq), sealed), { maxOutputLength: maxInflated });
}
