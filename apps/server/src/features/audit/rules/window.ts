import { type AlertRuleDraft, OmError } from '@omanager/contract';

type Window = NonNullable<AlertRuleDraft['window']>;

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whether a moment is within the window. Throws INVALID_PARAMS for a time zone that is none. */
export function compileWindow({ days, from, to, timeZone }: Window): (ms: number) => boolean {
  const clock = clockOf(timeZone);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const on = new Set(days);
  return (ms) => {
    const { day, minute } = clock(ms);
    if (begin < end) return on.has(day) && minute >= begin && minute < end;
    // Over midnight, or the whole day when both are the same.
    if (minute >= begin) return on.has(day);
    return minute < end && on.has(day === 1 ? 7 : day - 1);
  };
}

function clockOf(timeZone: string): (ms: number) => { day: number; minute: number } {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    });
  } catch {
    throw new OmError('INVALID_PARAMS', `There is no time zone ${timeZone}; write it as Asia/Shanghai or UTC.`);
  }
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return {
      day: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
  };
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}
