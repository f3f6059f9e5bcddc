import { readAsSchema, type Settings, settingsSchema } from '@omanager/contract';
import { useSyncExternalStore } from 'react';
import { z } from 'zod';

/** What of the preferences is a person's own. */
export const ownKeys = ['favourites', 'savedFilters', 'keys', 'singleKeys', 'quietHours'] as const;
export type OwnKey = (typeof ownKeys)[number];

const schema = z.object({
  language: z.enum(['en', 'zh']).catch(() => (navigator.language.startsWith('zh') ? ('zh' as const) : ('en' as const))),
  theme: z.enum(['auto', 'light', 'dark']).catch('auto'),
  density: z.enum(['compact', 'normal']).catch('compact'),
  newestOnTop: z.boolean().catch(false),
  /** `classic`: as the client of 2014 stood. */
  layout: z.enum(['standard', 'classic']).catch('standard'),
  /** The classic layout was offered, once. */
  layoutAsked: z.boolean().catch(false),
  /** A person's own, as the server keeps them (data/ownSettings.ts), and whose they are. */
  ownOf: z.string().catch(''),
  /** Those that the server does not have yet, and why it refused them. */
  unsaved: z.object({ of: z.array(z.enum(ownKeys)), why: z.string() }).catch({ of: [], why: '' }),
  singleKeys: settingsSchema.shape.singleKeys.catch(true),
  favourites: settingsSchema.shape.favourites.catch([]),
  savedFilters: settingsSchema.shape.savedFilters.catch([]),
  keys: settingsSchema.shape.keys.catch({}),
  quietHours: settingsSchema.shape.quietHours.catch(null),
  /** Modules started last, by id. */
  recent: z.array(z.string().max(100)).max(20).catch([]),
  sidebar: z.boolean().catch(true),
  outputOpen: z.boolean().catch(false),
  outputHeight: z.number().min(80).max(2000).catch(220),
  outputColours: z.enum(['theme', 'black']).catch('theme'),
  /** How the journal of output is saved. */
  saveAs: z.enum(['txt', 'html', 'csv', 'jsonl']).catch('txt'),
  saveMark: z.boolean().catch(true),
  /** Lines of logs: null, by the width of the window. */
  wrapLines: z.boolean().nullable().catch(null),
  lineTimes: z.boolean().catch(false),
  /** Servers whose output is read in an encoding that a person chose, by id; the newest last. */
  readAs: z
    .array(z.object({ host: z.string().max(100), as: readAsSchema }))
    .max(200)
    .catch([]),
  /** Nothing can be started or changed from this window. */
  readOnly: z.boolean().catch(false),
  restoreTabs: z.enum(['ask', 'always', 'never']).catch('ask'),
});
export type Preferences = z.infer<typeof schema>;
/** Those that go with the person from device to device. */
export type OwnPreferences = Settings;

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

/** As they are now. */
export const preferences = (): Preferences => current;

/** How this person wants the client to look, in this browser. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Other windows of this browser follow. */
if (typeof window !== 'undefined')
  window.addEventListener('storage', (event) => {
    if (event.key !== key) return;
    current = read();
    for (const listener of [...listeners]) listener();
  });
