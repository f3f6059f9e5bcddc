import type { Settings } from '@omanager/contract';

/** Whether it is now a time of which no notices are wanted, by the clock of this device; it may go over midnight. */
export function isQuiet(hours: Settings['quietHours'], now: Date): boolean {
  if (hours === null || hours.from === hours.to) return false;
  const at = `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')}`;
  return hours.from < hours.to ? hours.from <= at && at < hours.to : at >= hours.from || at < hours.to;
}
