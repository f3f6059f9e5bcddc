import type { ReadAs } from '@omanager/contract';
import { prefer, preferences, usePreferences } from '../../../preferences/preferences.ts';

/** So many servers are remembered with their encoding. */
const mostServers = 200;
const narrow = 640;

export interface LogView {
  readonly wrap: boolean;
  readonly times: boolean;
  readonly readAs: ReadAs;
  toggleWrap(): void;
  toggleTimes(): void;
  /** How this server's output is read, in every run. */
  readIn(encoding: ReadAs): void;
}

/** How this person reads logs in this browser, and those of one server. */
export function useLogView(hostId: string | undefined): LogView {
  const { wrapLines, lineTimes, readAs } = usePreferences();
  const wrap = wrapLines ?? window.innerWidth < narrow;
  return {
    wrap,
    times: lineTimes,
    readAs: readAs.find(({ host }) => host === hostId)?.as ?? 'auto',
    toggleWrap: () => prefer({ wrapLines: !wrap }),
    toggleTimes: () => prefer({ lineTimes: !lineTimes }),
    readIn(as) {
      if (hostId === undefined) return;
      const others = preferences().readAs.filter(({ host }) => host !== hostId);
      prefer({ readAs: as === 'auto' ? others : [...others, { host: hostId, as }].slice(-mostServers) });
    },
  };
}
