import { Button } from '@mantine/core';
import type { ModuleProblem } from '@omanager/contract';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { safeText } from '../../ui/safeText.ts';
import { withVersion } from './drafts.ts';
import css from './Editor.module.css';
import { moduleTexts } from './texts.ts';
import type { Check } from './useCheck.ts';

/** One word on the text, said to screen readers when it changes. */
export function EditorStatus({ check: { result, waiting } }: { check: Check }) {
  const t = useTexts(moduleTexts);
  const count = result?.problems.length ?? 0;
  if (!result || waiting) return <span className={layout.muted}>{t('checking')}</span>;
  return (
    <span className={css.status} data-tone={count === 0 ? 'ok' : 'failed'} role="status">
      <StateGlyph state={count === 0 ? 'ok' : 'failed'} />
      {count === 0 ? t('noProblems') : t('problems', { count })}
    </span>
  );
}

interface Props {
  check: Check;
  text: string;
  onGo: (problem: ModuleProblem) => void;
  onChange: (text: string) => void;
}

/** What is wrong, each a way to its place. */
export function Problems({ check: { result }, text, onGo, onChange }: Props) {
  const t = useTexts(moduleTexts);
  const problems = result?.problems ?? [];
  if (problems.length === 0) return null;
  const next = result?.nextVersion;
  return (
    <section className={css.problems} aria-label={t('problemList')}>
      <h2 className={layout.caption}>{t('problemList')}</h2>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.line} ${problem.column} ${problem.message}`}>
            <button type="button" className={css.problem} onClick={() => onGo(problem)}>
              <span className={css.place}>{t('line', { line: problem.line })}</span>
              <span>{safeText(problem.message)}</span>
            </button>
            {next && problem.message.startsWith('version: ') && (
              <Button size="xs" onClick={() => onChange(withVersion(text, next))}>
                {t('useVersion', { version: next })}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
