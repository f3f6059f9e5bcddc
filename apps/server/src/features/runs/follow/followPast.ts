import { createLineMerger, type FollowedLine } from './followLines.ts';
import type { FollowReader } from './followReader.ts';

/** What a filter keeps of some lines. */
export type Keep = (lines: FollowedLine[]) => Promise<FollowedLine[]>;

/** A line, and all that came before it. */
export interface Cursor {
  arrival: number;
  /** How many lines of that arrival were seen. */
  index: number;
}

interface Past {
  lines: FollowedLine[];
  /** Lines in between that nobody read. */
  skipped: number;
}

/** Of more hosts than this the last lines are those that arrived last, not those of each host. */
const maxHosts = 1000;
const most = { lines: 10_000, chars: 4 * 1024 * 1024 };

export function readCursor(text: string): Cursor {
  const [arrival = 0, index = 0] = text.split('.').map(Number);
  return { arrival, index };
}

export function isAfter(line: Cursor, { arrival, index }: Cursor): boolean {
  return line.arrival > arrival || (line.arrival === arrival && line.index >= index);
}

/** What was stored after a cursor. */
export async function linesAfter(
  reader: FollowReader,
  { after, upTo, keep }: { after: Cursor; upTo: number; keep: Keep },
): Promise<Past> {
  const merger = createLineMerger();
  const lines = await reader.merge(merger, await reader.arrived({ after: after.arrival - 1, upTo }));
  return { lines: await keep(lines.filter((line) => isAfter(line, after))), skipped: merger.takeSkipped() };
}

/** The last lines of each host, in the order in which they arrived. */
export async function lastLines(
  reader: FollowReader,
  { upTo, most: asked, keep }: { upTo: number; most: number; keep: Keep },
): Promise<Past> {
  if (asked === 0) return { lines: [], skipped: 0 };
  const hosts = await reader.hosts(maxHosts + 1);
  if (hosts.length === 0) return { lines: [], skipped: 0 };
  if (hosts.length > maxHosts) return { lines: await lastOfAll(reader, upTo, asked, keep), skipped: 0 };
  const each = {
    lines: Math.min(asked, Math.max(1, Math.floor(most.lines / hosts.length))),
    chars: Math.floor(most.chars / hosts.length),
  };
  const lines: FollowedLine[] = [];
  for (const host of hosts) {
    lines.push(...newestThatFit(await reader.lastLines(host, { upTo, most: each.lines, keep }), each));
  }
  return { lines: lines.sort(byArrival), skipped: 0 };
}

async function lastOfAll(reader: FollowReader, upTo: number, each: number, keep: Keep): Promise<FollowedLine[]> {
  const lines = await keep(await reader.merge(createLineMerger(), await reader.arrived({ after: 0, upTo })));
  const left = new Map<number, number>();
  return lines
    .reverse()
    .filter(({ ordinal }) => {
      const n = left.get(ordinal) ?? each;
      left.set(ordinal, n - 1);
      return n > 0;
    })
    .reverse();
}

/** The newest lines within both bounds, at least one. */
export function newestThatFit(
  lines: readonly FollowedLine[],
  bounds: { lines: number; chars: number },
): FollowedLine[] {
  let chars = 0;
  let from = lines.length;
  while (from > 0 && lines.length - from < bounds.lines) {
    chars += lines[from - 1]?.text.length ?? 0;
    if (chars > bounds.chars && from < lines.length) break;
    from--;
  }
  return lines.slice(from);
}

function byArrival(a: FollowedLine, b: FollowedLine): number {
  return a.arrival - b.arrival || a.ordinal - b.ordinal || a.index - b.index;
}
