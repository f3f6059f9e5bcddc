import type { Rectangle } from 'electron';
import { z } from 'zod';
import { isOwn } from './address.ts';

export const windowStateSchema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) }),
  maximized: z.boolean(),
  /** Where the page was, to open there again. */
  url: z.string().max(4000).refine(isOwn).nullable().catch(null),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export const leastSize = { width: 480, height: 480 };
const firstSize = { width: 1440, height: 900 };

/** The bounds of last time, moved onto a display that is there now; in the middle of the first one otherwise. */
export function clampBounds(wanted: Rectangle | null, displays: readonly Rectangle[]): Rectangle {
  const [first] = displays;
  const area = (wanted && displays.find((display) => overlaps(display, wanted))) ?? first;
  if (!area) return { x: 0, y: 0, ...firstSize };
  const { width: w, height: h } = wanted ?? firstSize;
  const width = between(w, Math.min(leastSize.width, area.width), area.width);
  const height = between(h, Math.min(leastSize.height, area.height), area.height);
  const centre = {
    x: Math.round(area.x + (area.width - width) / 2),
    y: Math.round(area.y + (area.height - height) / 2),
  };
  if (!wanted || !overlaps(area, wanted)) return { ...centre, width, height };
  const x = between(wanted.x, area.x, area.x + area.width - width);
  const y = between(wanted.y, area.y, area.y + area.height - height);
  return { x, y, width, height };
}

const between = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

/** Enough of it can be seen to take hold of. */
function overlaps(a: Rectangle, b: Rectangle): boolean {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return across >= 80 && down >= 40;
}
