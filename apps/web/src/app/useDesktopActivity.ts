import { useEffect, useRef } from 'react';
import { doneOf } from '../features/inbox/counts.ts';
import { useMyRuns } from '../features/inbox/MyRuns.tsx';
import { useTexts, useTitle } from '../i18n/useTexts.ts';
import { preferences } from '../preferences/preferences.ts';
import { isQuiet } from '../preferences/quiet.ts';
import { safeText } from '../ui/safeText.ts';
import { useDesktop } from './DesktopContext.ts';
import { appTexts } from './texts.ts';

/** A run that was over sooner tells its end by itself. */
const worthANoticeMs = 30_000;

/** Tells the desktop how far one's runs are and how much waits, of a run that asks and of one that ended. It shows them while nobody looks. */
export function useDesktopActivity(): void {
  const t = useTexts(appTexts);
  const title = useTitle();
  const desktop = useDesktop();
  const { active, inbox, ended } = useMyRuns();
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
      if (isQuiet(preferences().quietHours, new Date())) continue;
      const about = safeText(`#${run.number} ${title(run.module.title)}`).slice(0, 200);
      desktop.ask('notice.show', { run: run.id, title: about, body: t('noticeAsks') }).catch(() => {});
    }
  }, [desktop, inbox, t, title]);

  useEffect(() => {
    if (!desktop || !ended?.startedAt || !ended.endedAt || told.current.has(`${ended.id}:${ended.attempt}`)) return;
    told.current.add(`${ended.id}:${ended.attempt}`);
    if (Date.parse(ended.endedAt) - Date.parse(ended.startedAt) < worthANoticeMs) return;
    if (isQuiet(preferences().quietHours, new Date())) return;
    const about = safeText(`#${ended.number} ${title(ended.module.title)}`).slice(0, 200);
    const body = t('noticeEnded', { ok: ended.counts.ok, total: ended.total });
    desktop.ask('notice.show', { run: ended.id, title: about, body }).catch(() => {});
  }, [desktop, ended, t, title]);
}
