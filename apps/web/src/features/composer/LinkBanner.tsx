import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import css from './Composer.module.css';
import { changeDraft } from './draft.ts';
import type { LinkProblem } from './link.ts';
import { composerTexts } from './texts.ts';

const words = {
  module: 'linkModule',
  selector: 'linkSelector',
  params: 'linkParams',
  param: 'linkParam',
  secret: 'linkSecret',
} as const;

/** Says that a link filled the page in, and what of the link could not be. */
export function LinkBanner({ problems, filled }: { problems: readonly LinkProblem[]; filled: boolean }) {
  const t = useTexts(composerTexts);
  const tUi = useTexts(uiTexts);
  if (!filled && problems.length === 0) return null;
  return (
    <div className={css.fromLink} role={problems.length > 0 ? 'alert' : 'status'}>
      <div>
        {filled && <p>{t('fromLink')}</p>}
        {problems.map((problem) => (
          <p key={`${problem.what} ${problem.given}`}>
            {t(words[problem.what], { given: safeText(problem.given) })}{' '}
            {'message' in problem && safeText(firstLine(problem.message))}
          </p>
        ))}
      </div>
      <ActionIcon
        variant="subtle"
        aria-label={tUi('close')}
        onClick={() => changeDraft({ fromLink: false, linkProblems: [] })}
      >
        <IconX size={16} stroke={1.5} aria-hidden="true" />
      </ActionIcon>
    </div>
  );
}

/** The lines below show the place with a mark under it, which makes sense in one width only. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
