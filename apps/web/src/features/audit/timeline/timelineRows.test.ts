import type { TimelineItem } from '@omanager/contract';
import { describe, expect, it } from 'vitest';
import { withDays } from './timelineRows.ts';

// Only the time is looked at.
const at = (moment: Date) => ({ kind: 'alert', at: moment.toISOString() }) as TimelineItem;

describe('days of a timeline', () => {
  it('stand once before what happened on them', () => {
    const rows = withDays([
      at(new Date(2026, 10, 22, 8)),
      at(new Date(2026, 10, 22, 0, 0, 0, 0)),
      at(new Date(2026, 10, 21, 23, 59, 59, 998)),
      at(new Date(2026, 10, 22, 0, 0, 0, 0)),
      at(new Date(2026, 10, 19, 12)),
    ]);
    expect(rows.map((row) => (row.kind === 'day' ? row.day : '-'))).toEqual([
      ...['2026-11-22', '-', '-', '2026-11-21', '-', '-', '2026-11-19', '-'],
    ]);
    expect(withDays([])).toEqual([]);
  });
});
