/** `warning`: it works, but not as it should. `problem`: it does not work, or what was acknowledged can be lost. */
export type Level = 'ok' | 'warning' | 'problem';

export interface Finding {
  /** What was looked at, one word. */
  check: string;
  level: Level;
  message: string;
  /** What to do about it. */
  mend?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warning = (check: string, message: string, mend: string): Finding => ({
  check,
  level: 'warning',
  message,
  mend,
});
export const problem = (check: string, message: string, mend: string): Finding => ({
  check,
  level: 'problem',
  message,
  mend,
});
