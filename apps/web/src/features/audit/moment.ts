const two = (n: number) => String(n).padStart(2, '0');

/** A moment in the zone of this computer, as short as it can be compared: 11-22 17:04:05. */
export function momentOf(at: string): string {
  const moment = new Date(at);
  const day = `${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}
