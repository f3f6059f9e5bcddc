import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { countOf } from '../servers/selection.ts';
import css from './Composer.module.css';
import type { Draft } from './draft.ts';
import { composerTexts } from './texts.ts';
import type { Composed } from './useCompose.ts';

export const steps = ['module', 'targets', 'form', 'review'] as const;
export type Step = (typeof steps)[number];

/** What comes next for what is there. */
export function stepFor({ module, selection }: Draft): Step {
  if (module === null) return 'module';
  return countOf(selection) === 0 ? 'targets' : 'form';
}

const words = { module: 'stepModule', targets: 'stepTargets', form: 'stepForm', review: 'review' } as const;
const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

interface Props {
  step: Step;
  onStep: (step: Step) => void;
  composed: Composed;
}

/** Where there is room for one part only: the parts side by side, each with what it says. */
export function StepBar({ step, onStep, composed }: Props) {
  const t = useTexts(composerTexts);
  const tUi = useTexts(uiTexts);
  const title = useTitle();
  const { draft, module, hasProblems, planned, asked } = composed;
  const count = countOf(draft.selection);
  const says: Record<Step, string> = {
    module: module ? safeText(title(module.title)) : t('notYet'),
    targets: count > 0 ? tUi('servers', { count }) : t('notYet'),
    form: module === null ? t('notYet') : hasProblems ? t('incomplete') : t('filledIn'),
    review: asked !== null && planned.plan && planned.current ? t('planCurrent') : t('notYet'),
  };
  const isDone: Record<Step, boolean> = {
    module: module !== null,
    targets: count > 0,
    form: module !== null && !hasProblems,
    review: asked !== null && planned.plan !== null && planned.current,
  };
  return (
    <div className={css.steps} role="tablist" aria-label={t('steps')}>
      {steps.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          aria-selected={one === step}
          className={css.step}
          onClick={() => onStep(one)}
        >
          <b>
            {isDone[one] && <IconCheck size={14} stroke={2} aria-hidden="true" />}
            {t(words[one])}
          </b>
          <span>{says[one]}</span>
        </button>
      ))}
    </div>
  );
}

/** What leads on from a part. */
export function StepFoot({ step, onStep, composed }: Props) {
  const t = useTexts(composerTexts);
  const next = steps[steps.indexOf(step) + 1] ?? 'review';
  const { waitsFor } = composed;
  return (
    <div className={css.stepFoot}>
      {step === 'form' && waitsFor !== null && (
        <p>
          <IconAlertTriangle {...icon} /> {waitsFor}
        </p>
      )}
      <Button variant="filled" size="md" fullWidth onClick={() => onStep(next)}>
        {t('nextStep', { step: t(words[next]) })}
      </Button>
    </div>
  );
}
