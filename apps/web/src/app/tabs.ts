import { useEffect, useSyncExternalStore } from 'react';
import { z } from 'zod';
import { type Title, useTitle } from '../i18n/useTexts.ts';
import { safeStorage } from '../session/storage.ts';

/** A document that is open: a run, a server, a draft. */
export const tabSchema = z.object({
  path: z
    .string()
    .regex(/^\/[^/\\]/)
    .max(300),
  /** In each language; earlier versions kept the words of the one in which it was opened. */
  title: z.union([
    z.object({ en: z.string().max(300), zh: z.string().max(300) }),
    z
      .string()
      .max(300)
      .transform((words) => ({ en: words, zh: words })),
  ]),
});
export type Tab = z.output<typeof tabSchema>;

const most = 12;
const storage = safeStorage();
/** What outlives a reload, and nothing more. */
const ofWindow = safeStorage('sessionStorage');
const listeners = new Set<() => void>();
/** Of the person who is signed in. */
let owner: string | null = null;
let tabs: readonly Tab[] = [];
let before: readonly Tab[] = [];

function tell(): void {
  for (const listener of [...listeners]) listener();
}

function set(next: readonly Tab[]): void {
  tabs = next;
  const kept = JSON.stringify(tabs);
  if (owner !== null) {
    storage.setItem(owner, kept);
    ofWindow.setItem(owner, kept);
  }
  tell();
}

/**
 * A person begins: nobody else's documents stand here. After a reload theirs are as they were; what was open when they
 * left another time can be opened again.
 */
export function beginTabs(person: string): void {
  owner = `om.tabs:${person}`;
  tabs = read(ofWindow, owner);
  before = tabs.length > 0 ? [] : read(storage, owner);
  tell();
}

function read(from: Pick<Storage, 'getItem'>, name: string): readonly Tab[] {
  try {
    return z
      .array(tabSchema)
      .max(most)
      .parse(JSON.parse(from.getItem(name) ?? '[]'));
  } catch {
    return [];
  }
}

/** Shows this page among the open documents, under this title, while it is not closed. */
export function useTab(path: string, { en, zh }: Title): void {
  const inLanguage = useTitle();
  const shown = inLanguage({ en, zh });
  useEffect(() => {
    document.title = `${shown} · OManager`;
  }, [shown]);
  useEffect(() => {
    const title = { en, zh };
    const known = tabs.some((tab) => tab.path === path);
    set(
      known ? tabs.map((tab) => (tab.path === path ? { path, title } : tab)) : [...tabs, { path, title }].slice(-most),
    );
  }, [path, en, zh]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useTabs = (): readonly Tab[] => useSyncExternalStore(subscribe, () => tabs);

/** What was open last time, until it is answered. */
export const useTabsBefore = (): readonly Tab[] => useSyncExternalStore(subscribe, () => before);

/** Opens again what was open, behind what is open now: each page begins when it is shown. Or lets it be. */
export function answerTabsBefore(reopen: boolean): void {
  const again = reopen ? before.filter(({ path }) => !tabs.some((tab) => tab.path === path)) : [];
  before = [];
  set([...again, ...tabs].slice(-most));
}

/** Takes a document off the strip; returns the path of the one beside it, or null when it was the last. */
export function closeTab(path: string): string | null {
  const at = tabs.findIndex((tab) => tab.path === path);
  set(tabs.filter((tab) => tab.path !== path));
  return (tabs[at] ?? tabs[at - 1])?.path ?? null;
}

/** The document that an address is of: a run stays current on all its own pages. */
export function currentTab(open: readonly Pick<Tab, 'path'>[], location: string): string | undefined {
  const matching = open.filter(({ path }) => location === path || location.startsWith(`${path}/`));
  return matching.sort((a, b) => b.path.length - a.path.length)[0]?.path;
}
