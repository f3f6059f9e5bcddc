import type { RequestParams } from '@omanager/desktop-bridge';
import type { Notification } from 'electron';
import type { Electron } from './electron.ts';
import type { DesktopTexts } from './texts.ts';

interface NoticeOptions {
  /** Whether the person looks at the window now. */
  focused(): boolean;
  texts(): DesktopTexts;
  /** Null: of several runs. */
  onClick(run: string | null): void;
  now?: () => number;
}

const mostAMinute = 3;
const mostRemembered = 200;

export interface Notices {
  show(notice: RequestParams<'notice.show'>): void;
  pause(paused: boolean): void;
  paused(): boolean;
  closeAll(): void;
}

/** One per run, only while nobody looks; more than three a minute become one that names none. */
export function createNotices(
  { Notification }: Pick<Electron, 'Notification'>,
  { focused, texts, onClick, now = Date.now }: NoticeOptions,
): Notices {
  const shown = new Map<string, Notification>();
  /** What was said of a run last: window and main process may both hear of the same end. */
  const said = new Map<string, string>();
  let times: number[] = [];
  let paused = false;

  function present(key: string, run: string | null, title: string, body: string): void {
    shown.get(key)?.close();
    const notice = new Notification({ title, body });
    shown.set(key, notice);
    notice.on('click', () => onClick(run));
    notice.on('close', () => {
      if (shown.get(key) === notice) shown.delete(key);
    });
    notice.show();
  }

  return {
    show({ run, title, body }) {
      if (paused || focused() || !Notification.isSupported() || said.get(run) === body) return;
      said.delete(run);
      said.set(run, body);
      for (const old of [...said.keys()].slice(0, -mostRemembered)) said.delete(old);
      const at = now();
      times = times.filter((time) => at - time < 60_000);
      if (!shown.has(run)) times.push(at);
      if (times.length <= mostAMinute) return present(run, run, title, body);
      times.pop();
      if (!shown.has('')) present('', null, texts().manyRuns, texts().manyRunsBody);
    },
    pause: (next) => {
      paused = next;
    },
    paused: () => paused,
    closeAll: () => {
      for (const notice of [...shown.values()]) notice.close();
      shown.clear();
    },
  };
}
