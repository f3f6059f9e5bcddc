import { useEffect, useRef } from 'react';
import { useLanguage, useTexts } from '../i18n/useTexts.ts';
import { safeText } from '../ui/safeText.ts';
import css from './ParamForm.module.css';
import { type Field, inLanguage } from './params.ts';
import { formTexts } from './texts.ts';
import type { Problems } from './useFormCheck.ts';

interface Props {
  fields: readonly Field[];
  problems: Problems;
  /** Counts the tries to go on: each brings the list into view. */
  tries: number;
}

/** What is wrong with a form, on top of it, each with a way to its field. */
export function ProblemList({ fields, problems, tries }: Props) {
  const t = useTexts(formTexts);
  const language = useLanguage();
  const list = useRef<HTMLElement>(null);
  const wrong = fields.filter(({ name }) => problems[name] !== undefined);
  const any = wrong.length > 0;
  useEffect(() => {
    if (tries > 0 && any) list.current?.focus();
  }, [tries, any]);
  if (!any) return null;
  return (
    <section ref={list} className={css.problems} aria-label={t('problems')} tabIndex={-1}>
      <p>{t('problems')}</p>
      <ul>
        {wrong.map((field) => (
          <li key={field.name}>
            <a
              href={`#param-${field.name}`}
              onClick={(event) => {
                event.preventDefault();
                focusField(field.name);
              }}
            >
              {safeText(inLanguage(field.title, language) || field.name)}
            </a>{' '}
            {safeText(problems[field.name] ?? '')}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Puts the focus into the field of a param, whatever it is made of. */
function focusField(name: string): void {
  const row = document.querySelector(`[data-field="${CSS.escape(name)}"]`);
  const control = row?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea, button, select');
  control?.scrollIntoView({ block: 'center' });
  control?.focus();
}
