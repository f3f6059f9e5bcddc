import { readFileSync } from 'node:fs';

/** Memory of a process that is in use now, in bytes. */
export const residentMemory = (pid: number): number => field(pid, 'VmRSS');

/** The most that it ever used, in bytes. */
export const peakMemory = (pid: number): number => field(pid, 'VmHWM');

function field(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}
