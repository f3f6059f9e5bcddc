import type { FollowedRun } from '@omanager/desktop-bridge';
import type { BrowserWindow } from 'electron';
import type { Electron } from './electron.ts';

export interface Activity {
  set(runs: readonly FollowedRun[], waiting: number): void;
  /** Runs that this window follows and that are not over. */
  runs(): readonly FollowedRun[];
}

/** What the taskbar or dock shows of the runs that are followed: the one that is furthest behind. */
export function createActivity(
  { app }: Pick<Electron, 'app'>,
  window: () => BrowserWindow | null,
  changed: () => void,
): Activity {
  let runs: readonly FollowedRun[] = [];
  return {
    runs: () => runs,
    set(next, waiting) {
      runs = next.filter(({ done, total }) => done < total);
      const mode = runs.some(({ failed }) => failed > 0) ? 'error' : 'normal';
      window()?.setProgressBar(worstProgress(runs), { mode });
      app.setBadgeCount(waiting);
      changed();
    },
  };
}

/** Between 0 and 1; -1, which takes the bar away, when nothing runs. */
function worstProgress(runs: readonly FollowedRun[]): number {
  return runs.length === 0 ? -1 : Math.min(...runs.map(({ done, total }) => done / total));
}
