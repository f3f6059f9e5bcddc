import { createHash } from 'node:crypto';
import type { NewChunk } from './output.ts';

export interface OutputLimits {
  /** Bytes stored for one host and attempt, over both streams; the rest is read, counted and thrown away. */
  capBytes: number;
}

export interface HostOutput {
  write(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> | void;
  /** Emits what is held and sums up. `fold` is the hash of exit code and whole (masked) output, stored or not. */
  finish(exitCode: number | null): { stdoutBytes: number; stderrBytes: number; discardedBytes: number; fold: string };
}

interface Options {
  ordinal: number;
  attempt: number;
  limits: OutputLimits;
  emit(chunk: NewChunk): Promise<void> | void;
}

const chunkBytes = 32 * 1024;
const holdMs = 200;

/** Cuts one host's masked output into chunks, keeps the cap, and hashes for the folds. */
export function createHostOutput({ ordinal, attempt, limits, emit }: Options): HostOutput {
  const hashes = { stdout: createHash('sha256'), stderr: createHash('sha256') };
  const bytes = { stdout: 0, stderr: 0 };
  let stored = 0;
  let seq = 0;
  let held: { stream: 'stdout' | 'stderr'; parts: Uint8Array[]; size: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function flush(): Promise<void> | void {
    clearTimeout(timer);
    timer = undefined;
    if (!held) return;
    const { stream, parts } = held;
    held = undefined;
    return emit({ ordinal, attempt, seq: ++seq, stream, data: Buffer.concat(parts) });
  }

  return {
    write(stream, data) {
      hashes[stream].update(data);
      bytes[stream] += data.length;
      const room = Math.max(0, limits.capBytes - stored);
      const kept = data.length > room ? data.subarray(0, room) : data;
      if (kept.length === 0) return;
      stored += kept.length;
      // Streams keep their order: a chunk of one ends where the other begins.
      const before = held && held.stream !== stream ? flush() : undefined;
      held ??= { stream, parts: [], size: 0 };
      held.parts.push(Uint8Array.from(kept));
      held.size += kept.length;
      if (held.size >= chunkBytes) return flush() ?? before;
      timer ??= setTimeout(() => void flush(), holdMs);
      return before;
    },
    finish(exitCode) {
      void flush();
      const fold = createHash('sha256')
        .update(`${exitCode}\n`)
        .update(hashes.stdout.digest())
        .update(hashes.stderr.digest())
        .digest('hex');
      const discardedBytes = bytes.stdout + bytes.stderr - stored;
      return { stdoutBytes: bytes.stdout, stderrBytes: bytes.stderr, discardedBytes, fold };
    },
  };
}
