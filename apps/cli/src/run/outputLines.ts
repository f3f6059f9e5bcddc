import type { OutputChunk } from '@omanager/contract';

export interface OutputLine {
  stream: OutputChunk['stream'];
  line: string;
}

/** A line that goes on for longer is cut into pieces of this size: no output grows a buffer without end. */
const maxLineChars = 64 * 1024;

export interface OutputLines {
  /** The lines that this chunk completes. */
  push(chunk: Pick<OutputChunk, 'stream' | 'data'>): OutputLine[];
  /** What is left when no chunk comes any more. */
  end(): OutputLine[];
}

/** Chunks to lines; UTF-8 characters and lines may be cut anywhere between chunks. */
export function createOutputLines(): OutputLines {
  const streams = { stdout: createReader('stdout'), stderr: createReader('stderr') };
  return {
    push: ({ stream, data }) => streams[stream].push(Buffer.from(data, 'base64')),
    end: () => [...streams.stdout.end(), ...streams.stderr.end()],
  };
}

function createReader(stream: OutputLine['stream']) {
  const decoder = new TextDecoder();
  let rest = '';

  function cut(): OutputLine[] {
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    while (rest.length >= maxLineChars) {
      lines.push(rest.slice(0, maxLineChars));
      rest = rest.slice(maxLineChars);
    }
    return lines.map((line) => ({ stream, line }));
  }

  return {
    push(bytes: Uint8Array): OutputLine[] {
      rest += decoder.decode(bytes, { stream: true });
      return cut();
    },
    end(): OutputLine[] {
      rest += decoder.decode();
      const lines = cut();
      if (rest !== '') lines.push({ stream, line: rest });
      rest = '';
      return lines;
    },
  };
}

/** All lines of chunks that are there already. */
export function linesOfChunks(chunks: readonly OutputChunk[]): OutputLine[] {
  const lines = createOutputLines();
  return [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.end()];
}
