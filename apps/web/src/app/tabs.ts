import { useEffect, useSyncExternalStore } from 'react';

/** A document that is open: a run, a server, a draft. */
export interface Tab {
  readonly path: string;
  readonly title: string;
}

const most = 12;
const listeners = new Set<() => void>();
let tabs: readonly Tab[] = [];

function set(next: readonly Tab[]): void {
  tabs = next;
  for (const listener of [...listeners]) listener();
}

/** Shows this page among the open documents, under this title, while it is not closed. */
export function useTab(path: string, title: string): void {
  useEffect(() => {
    document.title = `${title} · OManager`;
    const known = tabs.some((tab) => tab.path === path);
    set(
      known ? tabs.map((tab) => (tab.path === path ? { path, title } : tab)) : [...tabs, { path, title }].slice(-most),
    );
  }, [path, title]);
}

export const useTabs = (): readonly Tab[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => tabs,
  );

/** Takes a document off the strip; returns the path of the one beside it, or null when it was the last. */
export function closeTab(path: string): string | null {
  const at = tabs.findIndex((tab) => tab.path === path);
  set(tabs.filter((tab) => tab.path !== path));
  return (tabs[at] ?? tabs[at - 1])?.path ?? null;
}
