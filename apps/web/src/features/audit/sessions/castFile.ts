import { z } from 'zod';
import { createCastWriter, type usualMost } from './cast.ts';

const headerSchema = z.object({ width: z.number().int().min(1), height: z.number().int().min(1) });
const eventSchema = z.tuple([z.number(), z.string(), z.string()]);

/** Takes an asciicast file line by line as it arrives. */
export function createCastReader(most?: typeof usualMost) {
  const writer = createCastWriter(most);
  let begun = false;
  return {
    cast: writer.cast,
    /** Whole lines. False when it holds enough. */
    add(text: string): boolean {
      for (const line of text.split('\n')) {
        if (line === '') continue;
        const parsed: unknown = JSON.parse(line);
        if (begun) {
          if (!writer.add(...eventSchema.parse(parsed))) return false;
          continue;
        }
        const { width: cols, height: rows } = headerSchema.parse(parsed);
        writer.header({ cols, rows });
        begun = true;
      }
      return true;
    },
  };
}
