import { useEffect, useMemo } from 'react';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import {
  askedFields,
  defaultsOf,
  fieldsOf,
  inLanguage,
  missingOf,
  splitValues,
  type Values,
} from '../../forms/params.ts';
import { useFormCheck } from '../../forms/useFormCheck.ts';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { countOf, selectorOfSelection } from '../servers/selection.ts';
import { changeDraft, forgetSecrets, useDraft } from './draft.ts';
import { spreadOf, spreadProblem } from './spread.ts';
import { composerTexts } from './texts.ts';
import { usePlan } from './usePlan.ts';

/** What is put together, what is still missing or wrong in it, and the plan that the server makes of it. */
export function useCompose() {
  const t = useTexts(composerTexts);
  const language = useLanguage();
  const may = useMay();
  const draft = useDraft();
  const detail = useAnswer('modules.get', { module: draft.module ?? '' }, { enabled: draft.module !== null });
  // By what was asked and not by its id: the draft of a module has a name of its own.
  const module = draft.module !== null && !detail.isPlaceholderData ? (detail.data ?? null) : null;
  const fields = useMemo(() => (module ? fieldsOf(module.params) : null), [module]);
  const filled = module && draft.values[module.id];
  const values: Values = useMemo(() => filled ?? defaultsOf(fields ?? []), [filled, fields]);
  useEffect(() => () => void (module && fields && forgetSecrets(module.id, fields)), [module, fields]);

  const problems = useFormCheck(module?.params ?? null, fields, values);
  const missing = fields ? missingOf(fields, values) : [];
  const wrong = Object.keys(problems ?? {}).filter((name) => !missing.includes(name));
  const selector = countOf(draft.selection) > 0 ? selectorOfSelection(draft.selection) : null;
  const badSpread = spreadProblem(draft.spread);
  const isRight =
    problems !== null && missing.length === 0 && wrong.length === 0 && badSpread === null && !draft.noForm;
  const asked =
    draft.module !== null && module && fields && selector !== null && isRight
      ? { module: draft.module, selector, ...splitValues(fields, values), ...spreadOf(draft.spread) }
      : null;
  const planned = usePlan(may('run.start') ? asked : null);

  const namesOf = (some: readonly string[]): string =>
    safeText(
      askedFields(fields ?? [], values)
        .filter(({ name }) => some.includes(name))
        .map((field) => inLanguage(field.title, language) || field.name)
        .join(', '),
    );
  const waitsFor = ((): string | null => {
    if (asked !== null) return null;
    if (module && missing.length > 0) return t('fillFirst', { count: missing.length, names: namesOf(missing) });
    if (module && wrong.length > 0) return t('correctFirst', { count: wrong.length, names: namesOf(wrong) });
    if (module && draft.noForm) return t('rawBroken');
    if (module && badSpread !== null) return t(badSpread);
    if (countOf(draft.selection) > 0 && selector === null) return t('tooManyNames');
    return t('reviewEmpty');
  })();

  return {
    ...{ draft, detail, module, fields, values, selector, planned, asked, waitsFor },
    problems: problems ?? {},
    /** There are mistakes to be shown. */
    hasProblems: missing.length > 0 || wrong.length > 0,
    fill: (next: Values): void => {
      if (module) changeDraft({ values: { ...draft.values, [module.id]: next }, noForm: false });
    },
  };
}

export type Composed = ReturnType<typeof useCompose>;
