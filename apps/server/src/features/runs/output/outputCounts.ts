export type OutputStream = 'stdout' | 'stderr';

/** Bytes and line starts of each stream that stand before a chunk: they make a line or a byte findable without reading what is before it. */
export interface OutputPlace {
  stdoutBytes: number;
  stderrBytes: number;
  stdoutLines: number;
  stderrLines: number;
}

const newline = 10;

const beginning: OutputPlace = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };

/** Counts the chunks of one host's attempt as they are cut; `inLine`: streams that stand within a line. */
export function createOutputCounts(
  place: OutputPlace = beginning,
  inLine = { stdout: false, stderr: false },
): {
  /** Where this chunk stands and how many lines begin in it; a line belongs to the chunk that has its first byte. */
  next(stream: OutputStream, data: Uint8Array): { before: OutputPlace; lines: number };
} {
  const bytes = { stdout: place.stdoutBytes, stderr: place.stderrBytes };
  const lines = { stdout: place.stdoutLines, stderr: place.stderrLines };
  return {
    next(stream, data) {
      const before = {
        stdoutBytes: bytes.stdout,
        stderrBytes: bytes.stderr,
        stdoutLines: lines.stdout,
        stderrLines: lines.stderr,
      };
      const begun = lineStarts(data, inLine[stream]);
      if (data.length > 0) inLine[stream] = data[data.length - 1] !== newline;
      bytes[stream] += data.length;
      lines[stream] += begun;
      return { before, lines: begun };
    },
  };
}

/** How many lines begin in these bytes. A line begins with a byte of its own: nothing begins after a last newline. */
export function lineStarts(data: Uint8Array, inLine: boolean): number {
  let starts = data.length > 0 && !inLine ? 1 : 0;
  const last = data.length - 1;
  for (let at = data.indexOf(newline); at >= 0 && at < last; at = data.indexOf(newline, at + 1)) starts++;
  return starts;
}
