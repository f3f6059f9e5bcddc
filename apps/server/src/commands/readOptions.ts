import type { z } from 'zod';
import { CommandError } from './exitCodes.ts';

/** Checks what the command line gave. CommandError that names each wrong option and what it may be. */
export function readOptions<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => {
    const option = path.join('.').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return option ? `${option}: ${message}` : message;
  });
  throw new CommandError(lines.join('\n'));
}
