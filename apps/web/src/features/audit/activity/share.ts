export interface Counts {
  readonly inside: number;
  readonly outside: number;
}

export const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce((sum, { inside, outside }) => ({ inside: sum.inside + inside, outside: sum.outside + outside }), {
    inside: 0,
    outside: 0,
  });

/** How much of it was outside, in whole percent; whatever there is is not nothing, and what is missing is seen. */
export function outsidePercent({ inside, outside }: Counts): number {
  if (outside === 0) return 0;
  if (inside === 0) return 100;
  return Math.min(99, Math.max(1, Math.round((100 * outside) / (inside + outside))));
}

/** A count in a narrow cell: 950, 1.2k, 35k. */
export function short(count: number): string {
  if (count < 1000) return String(count);
  const thousands = count / 1000;
  return thousands < 10 ? `${thousands.toFixed(1)}k` : `${Math.round(thousands)}k`;
}

/** How dark a cell is, from 0 (nothing) to 4 (most of all). */
export function levelOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.ceil((4 * count) / most));
}
