import { useEffect, useRef } from 'react';
import { doneOf } from '../features/inbox/counts.ts';
import { useMyRuns } from '../features/inbox/MyRuns.tsx';
import { useTexts, useTitle } from '../i18n/useTexts.ts';
import { safeText } from '../ui/safeText.ts';
import { useDesktop } from './DesktopContext.ts';
import { appTexts } from './texts.ts';

/** Tells the desktop how far one's runs are and how much waits, and of a run that asks. Its own process tells of their end. */
export function useDesktopActivity(): void {
  const t = useTexts(appTexts);
  const title = useTitle();
  const desktop = useDesktop();
  const { active, inbox } = useMyRuns();
  const told = useRef(new Set<string>());

  const runs = active.slice(0, 100).map((run) => ({
    id: run.id,
    title: safeText(`#${run.number} ${title(run.module.title)}`).slice(0, 300),
    done: Math.min(doneOf(run), run.total),
    total: Math.max(1, run.total),
    failed: run.counts.failed + run.counts.unreachable + run.counts.timed_out + run.counts.lost,
  }));
  const activity = JSON.stringify({ runs, waiting: Math.min(inbox.length, 9999) });
  useEffect(() => {
    desktop?.ask('activity.set', JSON.parse(activity)).catch(() => {});
  }, [desktop, activity]);

  useEffect(() => {
    if (!desktop) return;
    for (const { key, run, need } of inbox) {
      if (need !== 'asks' || told.current.has(key)) continue;
      told.current.add(key);
      const about = safeText(`#${run.number} ${title(run.module.title)}`).slice(0, 200);
      desktop.ask('notice.show', { run: run.id, title: about, body: t('noticeAsks') }).catch(() => {});
    }
  }, [desktop, inbox, t, title]);
}
