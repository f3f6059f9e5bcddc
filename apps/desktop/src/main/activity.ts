import type { FollowedRun } from '@omanager/desktop-bridge';
import type { BrowserWindow } from 'electron';
import type { Electron } from './electron.ts';

export interface Activity {
  /** What the page says: runs of its own account, and how many things wait for its person. */
  fromPage(runs: readonly FollowedRun[], waiting: number): void;
  /** What this process follows itself. */
  fromHere(runs: readonly FollowedRun[]): void;
  /** Runs that this window follows and that are not over. */
  runs(): readonly FollowedRun[];
}

/** What the taskbar or dock shows of the runs that are followed: the one that is furthest behind. */
export function createActivity(
  { app }: Pick<Electron, 'app'>,
  window: () => BrowserWindow | null,
  changed: () => void,
): Activity {
  let told: readonly FollowedRun[] = [];
  let here: readonly FollowedRun[] = [];
  const runs = (): FollowedRun[] => {
    const byId = new Map([...told, ...here].map((run) => [run.id, run]));
    return [...byId.values()].filter(({ done, total }) => done < total);
  };
  function show(): void {
    const now = runs();
    const mode = now.some(({ failed }) => failed > 0) ? 'error' : 'normal';
    window()?.setProgressBar(worstProgress(now), { mode });
    changed();
  }
  return {
    runs,
    fromPage(next, waiting) {
      told = next;
      app.setBadgeCount(waiting);
      show();
    },
    fromHere(next) {
      here = next;
      show();
    },
  };
}

/** Between 0 and 1; -1, which takes the bar away, when nothing runs. */
function worstProgress(runs: readonly FollowedRun[]): number {
  return runs.length === 0 ? -1 : Math.min(...runs.map(({ done, total }) => done / total));
}
