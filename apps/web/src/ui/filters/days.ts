const two = (n: number) => String(n).padStart(2, '0');
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The day of a moment where this computer is, as 2026-11-22. */
export function dayOf(moment: Date): string {
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** The day so many days before today. */
export function daysAgo(days: number, now = new Date()): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days));
}

/** The first moment of a day; null for what is no day. With `after`, of the day that follows. */
export function momentOfDay(day: string, after: 0 | 1 = 0): string | null {
  if (!dayPattern.test(day)) return null;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const moment = new Date(year, month - 1, date + after);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
