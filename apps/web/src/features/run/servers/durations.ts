import type { HostRun } from '@omanager/contract';

export interface DurationBar {
  readonly fromMs: number;
  /** null: all that took longer. */
  readonly toMs: number | null;
  readonly ok: number;
  readonly notOk: number;
  /** Slowest first. */
  readonly ordinals: readonly number[];
}

export interface Durations {
  readonly bars: readonly DurationBar[];
  readonly medianMs: number;
  readonly slowestMs: number;
}

const steps = [
  ...[100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000],
  ...[1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000],
];
const mostBars = 24;
/** The slowest 2 of 100 share a bar, where they would squeeze all others into one. */
const usual = 0.98;

/** How long servers took: few bars of equal width, however many servers; of the attempt that counts. */
export function durationsOf(hosts: Iterable<Pick<HostRun, 'ordinal' | 'durationMs' | 'state'>>): Durations | null {
  const all: { ordinal: number; ms: number; ok: boolean }[] = [];
  for (const { ordinal, durationMs, state } of hosts)
    if (durationMs !== null) all.push({ ordinal, ms: Math.max(0, durationMs), ok: state === 'ok' });
  all.sort((a, b) => a.ms - b.ms);
  const msAt = (share: number) => all[Math.floor((all.length - 1) * share)]?.ms ?? 0;
  if (all.length === 0) return null;
  const [shortest, most, slowestMs] = [msAt(0), msAt(usual), msAt(1)];
  const fits = (to: number) => (step: number) => Math.floor(to / step) - Math.floor(shortest / step) < mostBars;
  const stepMs = steps.find(fits(most)) ?? Math.ceil((most - shortest + 1) / (mostBars - 1));
  const first = Math.floor(shortest / stepMs);
  const open = !fits(slowestMs)(stepMs);
  const count = Math.floor((open ? most : slowestMs) / stepMs) - first + 1;
  const bars = Array.from({ length: count + (open ? 1 : 0) }, (_, i) => ({
    ...{ fromMs: (first + i) * stepMs, toMs: i < count ? (first + i + 1) * stepMs : null },
    ...{ ok: 0, notOk: 0 },
    ordinals: [] as number[], // widened: it fills below
  }));
  for (const { ordinal, ms, ok } of all.toReversed()) {
    const bar = bars[Math.min(Math.floor(ms / stepMs) - first, bars.length - 1)];
    if (!bar) continue;
    bar[ok ? 'ok' : 'notOk'] += 1;
    bar.ordinals.push(ordinal);
  }
  return { bars, medianMs: msAt(0.5), slowestMs };
}
