import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { useOwn } from '../data/ownSettings.ts';
import { useMay } from '../data/session.tsx';
import { useMyRuns } from '../features/inbox/MyRuns.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { prefer, usePreferences } from '../preferences/preferences.ts';
import { safeText } from '../ui/safeText.ts';
import css from './Notes.module.css';
import { answerTabsBefore, useTabs, useTabsBefore } from './tabs.ts';
import { appTexts } from './texts.ts';

/** What the server did not keep, and questions that are asked once, above the page and in nobody's way: one at a time. The layout, of who has run nothing yet. */
export function Notes() {
  const t = useTexts(appTexts);
  const { layoutAsked, restoreTabs, unsaved } = usePreferences();
  const { again } = useOwn();
  const may = useMay();
  const { runs } = useMyRuns();
  const open = useTabs();
  const missing = useTabsBefore().filter(({ path }) => !open.some((tab) => tab.path === path)).length;
  const answered = missing > 0 && restoreTabs !== 'ask';
  useEffect(() => {
    if (answered) answerTabsBefore(restoreTabs === 'always');
  }, [answered, restoreTabs]);
  if (unsaved.why !== '')
    return (
      <Note words={t('ownUnsaved', { why: safeText(unsaved.why) })}>
        <Button size="compact-sm" variant="filled" onClick={again}>
          {t('ownAgain')}
        </Button>
      </Note>
    );
  if (missing > 1 && !answered)
    return (
      <Note words={t('reopen', { count: missing })}>
        <Button size="compact-sm" variant="filled" onClick={() => answerTabsBefore(true)}>
          {t('reopenNow')}
        </Button>
        <Button size="compact-sm" onClick={() => answerTabsBefore(false)}>
          {t('notNow')}
        </Button>
      </Note>
    );
  if (layoutAsked || runs.length > 0 || !may('run.start')) return null;
  return (
    <Note words={t('classicOffer')}>
      <Button
        size="compact-sm"
        variant="filled"
        onClick={() =>
          prefer({ layout: 'classic', layoutAsked: true, outputOpen: true, newestOnTop: true, sidebar: true })
        }
      >
        {t('classicTake')}
      </Button>
      <Button size="compact-sm" onClick={() => prefer({ layoutAsked: true })}>
        {t('classicKeep')}
      </Button>
    </Note>
  );
}

function Note({ words, children }: { words: string; children: React.ReactNode }) {
  return (
    <div className={css.note} role="status">
      <span>{words}</span>
      {children}
    </div>
  );
}
