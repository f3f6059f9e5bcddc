import type { PageLink } from '@omanager/desktop-bridge';
import { parseDeepLink } from './deepLinks.ts';

export interface Links {
  /** A link that somebody followed: shown by the page, now or when it is there. */
  open(text: string): void;
  /** What waits for the page; only once. */
  take(): PageLink | null;
  /** The page was loaded anew: until it asks, links wait. */
  pageGone(): void;
}

/** Hands links to the page; the last one waits for a page that is not there yet. */
export function createLinks(tell: (link: PageLink) => void): Links {
  let waiting: PageLink | null = null;
  let listening = false;
  return {
    open(text) {
      const link = parseDeepLink(text);
      if (listening) tell(link);
      else waiting = link;
    },
    take() {
      const taken = waiting;
      waiting = null;
      listening = true;
      return taken;
    },
    pageGone() {
      listening = false;
    },
  };
}
