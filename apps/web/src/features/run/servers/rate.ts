import type { HostRun } from '@omanager/contract';

export interface RateBar {
  /** When it begins, in milliseconds. */
  readonly at: number;
  readonly ok: number;
  readonly notOk: number;
}

export interface Rate {
  readonly stepMs: number;
  readonly bars: readonly RateBar[];
  readonly perMinute: number;
}

const steps = [10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000];
const mostBars = 40;

/** How many servers finished in each step of time, from the first to the last; of the attempt that counts. */
export function rateOf(hosts: Iterable<Pick<HostRun, 'endedAt' | 'startedAt' | 'state'>>): Rate | null {
  const ends: { at: number; ok: boolean }[] = [];
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { endedAt, startedAt, state } of hosts) {
    if (endedAt === null || startedAt === null) continue;
    const at = Date.parse(endedAt);
    ends.push({ at, ok: state === 'ok' });
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  if (ends.length === 0) return null;
  const stepMs = steps.find((step) => (last - first) / step < mostBars) ?? (last - first) / mostBars;
  const from = Math.floor(first / stepMs) * stepMs;
  const bars = Array.from({ length: Math.floor((last - from) / stepMs) + 1 }, (_, i) => ({
    at: from + i * stepMs,
    ok: 0,
    notOk: 0,
  }));
  for (const { at, ok } of ends) {
    const bar = bars[Math.floor((at - from) / stepMs)];
    if (bar) bar[ok ? 'ok' : 'notOk'] += 1;
  }
  return { stepMs, bars, perMinute: Math.round((ends.length * 60_000) / Math.max(stepMs, last - from)) };
}
