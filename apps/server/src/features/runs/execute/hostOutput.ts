import type { DiscardReason } from '@omanager/contract';
import { createFoldHash } from '../output/foldsHash.ts';
import type { NewChunk } from '../output/output.ts';
import { createOutputCounts, type OutputStream } from '../output/outputCounts.ts';
import type { HostBudget } from './budgetHost.ts';

export interface OutputSums {
  stdoutBytes: number;
  stderrBytes: number;
  discardedBytes: number;
  discardedFor: DiscardReason | null;
  /** Hash of exit code and whole (secret-masked) output, stored or not; null where nothing is folded. `foldMasked` without what is each host's own. */
  fold: string | null;
  foldMasked: string | null;
}

export interface HostOutput {
  write(stream: OutputStream, data: Uint8Array): Promise<void> | void;
  /** Emits what is held and sums up. */
  finish(exitCode: number | null): OutputSums;
}

interface Options {
  ordinal: number;
  attempt: number;
  budget: HostBudget;
  /** The host's own names and addresses, for the masked fold; null: nothing is folded. */
  names?: readonly string[] | null;
  emit(chunk: NewChunk): Promise<void> | void;
}

const chunkBytes = 32 * 1024;
/** A chunk is no larger, however much came at once: readers cut pages from it. */
const maxChunkBytes = 64 * 1024;
const holdMs = 200;

/** Cuts one host's masked output into chunks, keeps the cap, counts lines, and hashes for the folds. */
export function createHostOutput({ ordinal, attempt, budget, names = [], emit }: Options): HostOutput {
  const hash = names && createFoldHash(names);
  const counts = createOutputCounts();
  const bytes = { stdout: 0, stderr: 0 };
  let seq = 0;
  let cut = false;
  let held: { stream: OutputStream; parts: Uint8Array[]; size: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function send(stream: OutputStream, whole: Uint8Array): Promise<void> | void {
    let drained: Promise<void> | void;
    let at = 0;
    do {
      const data = whole.subarray(at, at + maxChunkBytes);
      seq++;
      const keepFrom = budget.stored?.(seq, data.length);
      const chunk = { ordinal, attempt, seq, stream, data, ...counts.next(stream, data) };
      drained = emit(keepFrom === undefined ? chunk : { ...chunk, keepFrom });
      at += maxChunkBytes;
    } while (at < whole.length);
    return drained;
  }

  function flush(): Promise<void> | void {
    clearTimeout(timer);
    timer = undefined;
    if (!held) return;
    const { stream, parts } = held;
    held = undefined;
    return send(stream, Buffer.concat(parts));
  }

  /** An empty chunk: who reads along sees that the output goes on and is no longer kept. */
  function sayCut(stream: OutputStream): Promise<void> | void {
    if (cut) return;
    cut = true;
    void flush();
    return send(stream, Buffer.alloc(0));
  }

  return {
    write(stream, data) {
      hash?.write(stream, data);
      bytes[stream] += data.length;
      const kept = budget.keep(data);
      if (kept.length === 0) return data.length > 0 ? sayCut(stream) : undefined;
      // Streams keep their order: a chunk of one ends where the other begins.
      const before = held && held.stream !== stream ? flush() : undefined;
      held ??= { stream, parts: [], size: 0 };
      held.parts.push(new Uint8Array(kept));
      held.size += kept.length;
      if (kept.length < data.length) return sayCut(stream) ?? before;
      if (held.size >= chunkBytes) return flush() ?? before;
      timer ??= setTimeout(() => void flush(), holdMs);
      return before;
    },
    finish(exitCode) {
      void flush();
      const { keptBytes, discardedFor } = budget;
      return {
        stdoutBytes: bytes.stdout,
        stderrBytes: bytes.stderr,
        discardedBytes: bytes.stdout + bytes.stderr - keptBytes,
        discardedFor,
        ...(hash?.finish(exitCode) ?? { fold: null, foldMasked: null }),
      };
    },
  };
}
