import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const mostBytes = 1024 * 1024;

/** What went wrong, for people: time, place and message. Params, answers and keys never come here. Two files of 1 MiB. */
export function createLog(folder: string): (where: string, error: unknown) => void {
  const path = join(folder, 'desktop.log');
  return (where, error) => {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) renameSync(path, `${path}.1`);
      appendFileSync(path, `${new Date().toISOString()} ${where} ${what.replace(/\s+/g, ' ')}\n`, { mode: 0o600 });
    } catch {
      // A full disk must not end the application.
    }
  };
}
