import { idFrom } from '../eventFilter.ts';

/** A month in UTC, as `202611`: what is kept and removed together. */
export interface Month {
  name: string;
  beginMs: number;
  endMs: number;
}

export function monthOf(ms: number): Month {
  return monthFrom(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth());
}

export function monthAfter({ endMs }: Month): Month {
  return monthOf(endMs);
}

/** From `202611`; null when it is none. */
export function parseMonth(name: string): Month | null {
  const found = /^(\d{4})(0[1-9]|1[0-2])$/.exec(name);
  return found ? monthFrom(Number(found[1]), Number(found[2]) - 1) : null;
}

/** Every id of a month is at least `from` and below `before`. */
export function idsOf({ beginMs, endMs }: Month): { from: string; before: string } {
  return { from: idFrom(beginMs), before: idFrom(endMs) };
}

function monthFrom(year: number, month: number): Month {
  const beginMs = Date.UTC(year, month);
  return {
    name: new Date(beginMs).toISOString().slice(0, 7).replace('-', ''),
    beginMs,
    endMs: Date.UTC(year, month + 1),
  };
}
