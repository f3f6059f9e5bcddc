import { cpus, totalmem } from 'node:os';

/** One measured quantity over several rounds. */
export interface Figure {
  name: string;
  unit: string;
  min: number;
  median: number;
  max: number;
}

export function figureOf(name: string, unit: string, values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { name, unit, min: at(0), median: at(Math.floor((sorted.length - 1) / 2)), max: at(sorted.length - 1) };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}`);
  const width = Math.max(...figures.map(({ name }) => name.length));
  const round = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2)).padStart(9);
  console.log(`${''.padEnd(width)}  ${['min', 'median', 'max'].map((word) => word.padStart(9)).join('')}`);
  for (const { name, unit, min, median, max } of figures) {
    console.log(`${name.padEnd(width)}  ${round(min)}${round(median)}${round(max)} ${unit}`);
  }
}

/** A ratio of medians against its aim, for people; nothing fails for it. */
export function printRatio(what: string, ratio: number, aim: string, holds: boolean): void {
  console.log(`${holds ? 'holds ' : 'MISSED'}  ${what}: ${ratio.toFixed(2)} (aim ${aim})`);
}

export function printMachine(versions: Readonly<Record<string, string>>): void {
  const model = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux; ${new Date().toISOString()}`,
  );
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
}

/** Tells how far a long part is, every ten seconds. */
export function progressOf(what: string, all: number): (step: number | string) => void {
  const began = performance.now();
  let told = began;
  return (step) => {
    const now = performance.now();
    if (typeof step === 'number' && step < all && now - told < 10_000) return;
    told = now;
    const seconds = ((now - began) / 1000).toFixed(0);
    console.log(`  … ${typeof step === 'number' ? `${what} ${step} of ${all}` : step} (${seconds} s)`);
  };
}
