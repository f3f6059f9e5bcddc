import type { ServerGroup } from './groups.ts';

/** Where each server's cell is. A cell's place is its index in `order`; the arrow keys move along it. */
export interface CellLayout {
  readonly size: number;
  readonly height: number;
  readonly heads: readonly { group: ServerGroup; top: number; height: number }[];
  readonly order: Int32Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Place by ordinal; -1 for a server without a cell. */
  readonly placeOf: Int32Array;
  readonly perRow: number;
}

/** Above so many servers cells get small and lose their glyphs. */
export const largeCellsUpTo = 2000;
const pad = 6;
const headWidth = 116;

/** Lays out groups below each other, a row of cells each, in `width` pixels. `total`: of the run. */
export function layOut(groups: readonly ServerGroup[], total: number, width: number): CellLayout {
  const count = groups.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  const small = count > largeCellsUpTo;
  const size = small ? 8 : 18;
  const step = size + (small ? 1 : 2);
  const named = groups.some(({ name }) => name !== '');
  const left = named ? headWidth : 0;
  const perRow = Math.max(1, Math.floor((width - left + 2) / step));
  const [order, x, y] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const placeOf = new Int32Array(total).fill(-1);
  const heads: { group: ServerGroup; top: number; height: number }[] = [];
  let place = 0;
  let top = 0;
  for (const group of groups) {
    group.ordinals.forEach((ordinal, i) => {
      order[place] = ordinal;
      x[place] = left + (i % perRow) * step;
      y[place] = top + pad + Math.floor(i / perRow) * step;
      placeOf[ordinal] = place;
      place += 1;
    });
    const rows = Math.ceil(group.ordinals.length / perRow);
    const height = Math.max(rows * step, named ? 36 : 0) + 2 * pad;
    heads.push({ group, top, height });
    top += height;
  }
  return { size, height: top, heads, order, x, y, placeOf, perRow };
}

/** The ordinal of the cell at this point, or null between cells. */
export function cellAt(layout: CellLayout, px: number, py: number): number | null {
  // Cells are few thousand and in rising order of y, so the row is found by halving.
  let [low, high] = [0, layout.order.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.y[middle] ?? 0) <= py) low = middle;
    else high = middle - 1;
  }
  const row = layout.y[low];
  if (row === undefined || py < row || py >= row + layout.size) return null;
  for (let place = low; place >= 0 && layout.y[place] === row; place--) {
    const left = layout.x[place] ?? 0;
    if (px >= left && px < left + layout.size) return layout.order[place] ?? null;
  }
  return null;
}

/** The place that an arrow key leads to: the neighbour, or the nearest cell of the row above or below. */
export function placeBeside(layout: CellLayout, place: number, key: string): number {
  const last = layout.order.length - 1;
  if (key === 'ArrowLeft') return Math.max(0, place - 1);
  if (key === 'ArrowRight') return Math.min(last, place + 1);
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const by = key === 'ArrowUp' ? -1 : 1;
  const [x = 0, y = 0] = [layout.x[place], layout.y[place]];
  let at = place;
  while (at + by >= 0 && at + by <= last && layout.y[at] === y) at += by;
  const row = layout.y[at];
  if (row === y) return place;
  let best = at;
  for (; at >= 0 && at <= last && layout.y[at] === row; at += by)
    if (Math.abs((layout.x[at] ?? 0) - x) < Math.abs((layout.x[best] ?? 0) - x)) best = at;
  return best;
}
