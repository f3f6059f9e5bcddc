import { useLocation } from 'wouter';
import { useMay } from '../data/session.tsx';
import { prefer, preferences } from '../preferences/preferences.ts';
import { useCommand, useKeys } from './commands.ts';
import { type PageName, railPages } from './pages.tsx';
import { closeTab, currentTab, useTabs } from './tabs.ts';

/** What keys and menus do wherever one is: pages, tabs, areas, panels. */
export function useNavigationKeys(): void {
  const may = useMay();
  const tabs = useTabs();
  const [location, navigate] = useLocation();
  const here = currentTab(tabs, location);
  const at = tabs.findIndex(({ path }) => path === here);

  const page = (name: PageName) => () => {
    const found = railPages.find((one) => one.name === name);
    return found && may(found.permission) ? navigate(found.path) : false;
  };
  const tab = (index: number) => {
    const found = tabs[(index + tabs.length) % tabs.length];
    return found ? navigate(found.path) : false;
  };
  useKeys({
    goRun: page('run'),
    goRuns: page('runs'),
    goAudit: page('audit'),
    goServers: page('servers'),
    goModules: page('modules'),
    goAdmin: page('admin'),
    goSettings: () => navigate('/settings'),
    nextTab: () => tab(at + 1),
    previousTab: () => tab(at - 1),
    tabByNumber: (pressed) => {
      const index = Number(pressed?.at(-1)) - 1;
      return tabs[index] ? tab(index) : false;
    },
    closeTab: () => {
      if (here !== undefined) navigate(closeTab(here) ?? '/run');
    },
    nextRegion: () => region(1),
    previousRegion: () => region(-1),
    readOnly: () => prefer({ readOnly: !preferences().readOnly }),
  });
  useCommand('sidebar', () => prefer({ sidebar: !preferences().sidebar }));
}

const regions = 'header, [data-region="rail"], #content, [data-region="output"], footer';

/** Moves the focus to the next area that can be seen: its first control, or the area itself. */
function region(step: 1 | -1): boolean {
  const seen = [...document.querySelectorAll<HTMLElement>(regions)].filter((one) => one.offsetParent !== null);
  const at = seen.findIndex((one) => one.contains(document.activeElement));
  const next = seen.at((Math.max(at, step > 0 ? -1 : 0) + step) % Math.max(1, seen.length));
  const first = next?.matches('[tabindex]')
    ? next
    : next?.querySelector<HTMLElement>('a[href], button:not([disabled])');
  first?.focus();
  return first !== undefined && first !== null;
}
