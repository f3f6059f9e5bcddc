import { fromBase64 } from '@omanager/client';
import type { OutputChunk } from '@omanager/contract';

export interface SampleLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The lines of a few chunks, each stream decoded by itself; a line stands where it began. */
export function sampleLines(chunks: readonly OutputChunk[]): SampleLine[] {
  const lines: { stream: SampleLine['stream']; text: string }[] = [];
  const open: { stdout?: { text: string }; stderr?: { text: string } } = {};
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  for (const { stream, data } of chunks) {
    const bytes = fromBase64(data);
    const parts = decoders[stream].decode(bytes, { stream: true }).split('\n');
    parts.forEach((part, i) => {
      const last = open[stream];
      if (last) last.text += part;
      else if (part !== '' || i < parts.length - 1) {
        const line = { stream, text: part };
        lines.push(line);
        open[stream] = line;
      }
      if (i < parts.length - 1) delete open[stream];
    });
  }
  return lines;
}
