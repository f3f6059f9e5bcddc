import { useSyncExternalStore } from 'react';
import { z } from 'zod';

const schema = z.object({
  language: z.enum(['en', 'zh']).catch(() => (navigator.language.startsWith('zh') ? ('zh' as const) : ('en' as const))),
  theme: z.enum(['auto', 'light', 'dark']).catch('auto'),
  density: z.enum(['compact', 'normal']).catch('compact'),
  newestOnTop: z.boolean().catch(false),
});
export type Preferences = z.infer<typeof schema>;

const key = 'om.preferences';
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(key) ?? '{}'));
  } catch {
    return schema.parse({});
  }
}

/** Changes some of this browser's preferences, for all who use them. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing: they hold until the page is left.
  }
  for (const listener of [...listeners]) listener();
}

/** How this person wants the client to look, in this browser. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
