import type { TimelineItem } from '@omanager/contract';
import { dayOf } from '../../../ui/filters/days.ts';

/** A line of the list: something that happened, or the day on which all below it did. */
export type TimelineRow = TimelineItem | { readonly kind: 'day'; readonly at: string; readonly day: string };

export function idOf(row: TimelineRow): string {
  switch (row.kind) {
    case 'day':
      return row.day;
    case 'command':
    case 'gap':
      return row.command.id;
    case 'run':
      return row.run.id;
    case 'action':
      return row.action.id;
    case 'session':
      return row.session.id;
    case 'alert':
      return row.alert.id;
  }
}

/** Days stand before what happened on them, where this computer is. */
export function withDays(items: readonly TimelineItem[]): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let before = '';
  for (const item of items) {
    const day = dayOf(new Date(item.at));
    // Acts stand by when they began to be written, a hair from their time: a day is not begun twice for that.
    if (day !== before && (before === '' || day < before)) {
      rows.push({ kind: 'day', at: item.at, day });
      before = day;
    }
    rows.push(item);
  }
  return rows;
}

/** Where one line leads; null: its details are shown in place. */
export function addressOf(row: TimelineRow): string | null {
  switch (row.kind) {
    case 'run':
      return `/runs/${row.run.id}`;
    case 'session':
      return `/audit/sessions/${row.session.id}`;
    case 'alert':
    case 'day':
    case 'command':
    case 'gap':
    case 'action':
      return null;
  }
}

export const userAddress = (name: string): string => `/audit/user/${encodeURIComponent(name)}`;
