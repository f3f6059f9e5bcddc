import { readFileSync, writeFileSync } from 'node:fs';

const mib = 1024 * 1024;
/** USER_HZ: Linux counts a process's time in hundredths of a second, whatever its own clock does. */
const ticksPerSecond = 100;

/** CPU seconds that a process has used, all its threads together. */
export function cpuSeconds(pid: number): number {
  // The name, in brackets, may hold spaces: fields are counted behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory of a process now, and the most it ever had since `forgetPeak`, in MiB. */
export function memoryMiB(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => (Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1]) * 1024) / mib;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Begins a new measurement of the peak, where the system lets us. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak is that of the whole life of the process.
  }
}
