import { createHash, type Hash } from 'node:crypto';
import { createLineMask } from './foldsMask.ts';
import type { OutputStream } from './outputCounts.ts';

/** So much of each stream is masked; what follows counts as it is, since masking costs far more than hashing. */
const maskedBytes = 64 * 1024;
/** A longer line is masked in pieces of this many bytes: what is held is bounded, and a word across a border stays. */
const pieceBytes = 8 * 1024;

export interface FoldHash {
  write(stream: OutputStream, data: Uint8Array): void;
  /** Hashes of exit code and whole output, as it is and masked; they do not depend on how the output was cut. */
  finish(exitCode: number | null): { fold: string; foldMasked: string };
}

/** Hashes the output of one host while it streams by; `names` are the host's own names and addresses. */
export function createFoldHash(names: readonly string[]): FoldHash {
  const mask = createLineMask(names);
  // Most outputs have one stream only, and short ones no tail: a hash that is not needed is not made.
  const streams: Partial<Record<OutputStream, StreamHash>> = {};
  return {
    write(stream, data) {
      if (data.length === 0) return;
      streams[stream] ??= createStreamHash(mask);
      streams[stream].write(data);
    },
    finish(exitCode) {
      const exact = createHash('sha256').update(`${exitCode}\n`);
      const masked = createHash('sha256').update(`${exitCode}\n`);
      for (const stream of ['stdout', 'stderr'] as const) {
        const digests = streams[stream]?.finish();
        if (!digests) continue;
        exact.update(stream).update(digests.exact);
        masked.update(stream).update(digests.masked);
        if (digests.tail) for (const fold of [exact, masked]) fold.update('tail').update(digests.tail);
      }
      return { fold: exact.digest('hex'), foldMasked: masked.digest('hex') };
    },
  };
}

type StreamHash = ReturnType<typeof createStreamHash>;

function createStreamHash(mask: (text: string) => string) {
  const exact = createHash('sha256');
  const masked = createHash('sha256');
  const masking = createMasking(masked, mask);
  let tail: Hash | undefined;
  let seen = 0;
  return {
    write(data: Uint8Array) {
      const head = data.subarray(0, Math.max(0, maskedBytes - seen));
      seen += data.length;
      if (head.length > 0) {
        exact.update(head);
        masking.write(head);
      }
      if (head.length === data.length) return;
      tail ??= createHash('sha256');
      tail.update(data.subarray(head.length));
    },
    finish() {
      masking.finish();
      return { exact: exact.digest(), masked: masked.digest(), tail: tail?.digest() };
    },
  };
}

/** Masks whole lines, or pieces of a fixed length of a long one, whatever the chunks they come in. */
function createMasking(hash: Hash, mask: (text: string) => string) {
  /** The beginning of a line whose end has not come. */
  let held: Buffer = Buffer.alloc(0);
  const put = (text: string) => {
    if (text.length > 0) hash.update(mask(text), 'latin1');
  };
  return {
    write(data: Uint8Array) {
      const text =
        held.toString('latin1') + Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
      let from = 0;
      let line = 0;
      for (;;) {
        const newline = text.indexOf('\n', line);
        const end = newline < 0 ? text.length : newline;
        for (; end - line > pieceBytes; from = line) {
          line += pieceBytes;
          put(text.slice(from, line));
        }
        if (newline < 0) break;
        line = newline + 1;
      }
      put(text.slice(from, line));
      held = Buffer.from(text.slice(line), 'latin1');
    },
    finish() {
      put(held.toString('latin1'));
      held = Buffer.alloc(0);
    },
  };
}
