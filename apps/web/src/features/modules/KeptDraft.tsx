import { Button } from '@mantine/core';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import { fullTime } from '../../ui/Time.tsx';
import type { Draft } from './drafts.ts';
import css from './Editor.module.css';
import { moduleTexts } from './texts.ts';

/** Says that the text is one that was not saved, and offers the saved one. */
export function KeptDraft({ draft, onDiscard }: { draft: Draft; onDiscard: () => void }) {
  const t = useTexts(moduleTexts);
  const language = useLanguage();
  return (
    <div className={css.kept} role="note">
      {t('draftKept', { time: fullTime(draft.at, language) })}
      <Button size="xs" onClick={onDiscard}>
        {t('discard')}
      </Button>
    </div>
  );
}
