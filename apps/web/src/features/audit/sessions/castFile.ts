import { z } from 'zod';

export interface CastEvent {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly code: string;
  readonly data: string;
}

export interface CastFile {
  readonly cols: number;
  readonly rows: number;
  readonly events: readonly CastEvent[];
}

/** More than this is not held by a page: the rest of such a recording is not shown. */
const mostChars = 128 * 1024 * 1024;

const headerSchema = z.object({ width: z.number().int().min(1), height: z.number().int().min(1) });
const eventSchema = z.tuple([z.number(), z.string(), z.string()]);

/** Takes an asciicast file line by line as it arrives. */
export function createCastReader() {
  let header: { width: number; height: number } | null = null;
  const events: CastEvent[] = [];
  let chars = 0;
  return {
    /** Whole lines. False when it holds enough. */
    add(text: string): boolean {
      if (chars >= mostChars) return false;
      for (const line of text.split('\n')) {
        if (line === '') continue;
        const parsed: unknown = JSON.parse(line);
        if (header === null) header = headerSchema.parse(parsed);
        else {
          const [at, code, data] = eventSchema.parse(parsed);
          chars += data.length;
          events.push({ at, code, data });
        }
      }
      return chars < mostChars;
    },
    file: (): CastFile => ({ cols: header?.width ?? 80, rows: header?.height ?? 24, events }),
  };
}

/** `132x43`, or null. */
export function sizeOf(data: string): { cols: number; rows: number } | null {
  const [, cols, rows] = /^(\d{1,3})x(\d{1,3})$/.exec(data) ?? [];
  return cols === undefined || rows === undefined ? null : { cols: Number(cols), rows: Number(rows) };
}
