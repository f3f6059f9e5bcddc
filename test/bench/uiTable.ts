/** One row of the table: as it is printed, it stands in docs/benchmarks.md. */
export interface UiFigure {
  what: string;
  measured: string;
  aim: string;
  /** null: shown, no aim. */
  holds: boolean | null;
}

export function printUiTable(figures: readonly UiFigure[]): void {
  console.log('\n| figure | measured | aim | |\n| --- | --- | --- | --- |');
  for (const { what, measured, aim, holds } of figures)
    console.log(`| ${what} | ${measured} | ${aim} | ${holds === null ? '' : holds ? 'holds' : 'missed'} |`);
}

export const ms = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(0)} ms`;

export function atMost(what: string, value: number, most: number, show: (value: number) => string = ms): UiFigure {
  return { what, measured: show(value), aim: `≤ ${show(most)}`, holds: value <= most };
}

export function atLeast(what: string, value: number, least: number, show: (value: number) => string): UiFigure {
  return { what, measured: show(value), aim: `≥ ${show(least)}`, holds: value >= least };
}

export const shown = (what: string, measured: string): UiFigure => ({ what, measured, aim: '–', holds: null });
export const fps = (value: number): string => `${value.toFixed(1)} fps`;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
