import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand } from '../../app/commands.ts';
import { useTab } from '../../app/tabs.ts';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { prefer, preferences } from '../../preferences/preferences.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import css from './Composer.module.css';
import { changeDraft, draft } from './draft.ts';
import { FamilyTabs } from './FamilyTabs.tsx';
import { FormPane } from './FormPane.tsx';
import { Gate, useStart } from './Gate.tsx';
import { LinkBanner } from './LinkBanner.tsx';
import { ModulePicker } from './ModulePicker.tsx';
import { Review } from './Review.tsx';
import { ReviewSheet } from './ReviewSheet.tsx';
import { type Step, StepBar, StepFoot, stepFor } from './Steps.tsx';
import { TargetPicker } from './TargetPicker.tsx';
import { composerTexts } from './texts.ts';
import { useCompose } from './useCompose.ts';
import { useLink } from './useLink.ts';

const mostRecent = 10;

/** Where a run is put together: servers, module, form, and what would happen. Nothing starts before the button says so. */
export default function Composer() {
  const t = useTexts(composerTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const [family, setFamily] = useState<string | null>(null);
  const [gateOpen, setGateOpen] = useState(false);
  const [changed, setChanged] = useState(false);
  const [step, setStep] = useState<Step>(() => stepFor(draft()));
  const [sheet, setSheet] = useState(false);
  const narrow = useMediaQuery('(max-width: 959px)', undefined, { getInitialValueInEffect: false }) ?? false;
  const middle = useMediaQuery('(max-width: 1279px)', undefined, { getInitialValueInEffect: false }) ?? false;
  const review = useRef<HTMLElement>(null);
  useTab('/run', titleOf(composerTexts, 'title'));
  useLink();

  const modules = useAnswer('modules.list', {});
  const offered = useMemo(() => modules.data?.items.filter(({ retired }) => retired === null) ?? [], [modules.data]);
  const composed = useCompose();
  const { draft: now, planned, asked, waitsFor, hasProblems } = composed;

  // Who follows a link sees what it filled in, and what is left to do.
  useEffect(() => {
    if (now.fromLink) setStep(stepFor(draft()));
  }, [now.fromLink]);

  const done = {
    onStarted: (run: { id: string }) => {
      const { module } = composed;
      if (module)
        prefer({ recent: [module.id, ...preferences().recent.filter((id) => id !== module.id)].slice(0, mostRecent) });
      navigate(`/runs/${run.id}`);
    },
    onChanged: () => {
      setGateOpen(false);
      setChanged(true);
      planned.again();
    },
  };
  const start = useStart(planned.plan, done);
  const showProblems = () => {
    changeDraft({ tries: now.tries + 1 });
    setSheet(false);
    setStep('form');
  };
  const run = () => {
    if (hasProblems) return showProblems();
    if (!planned.plan || !planned.current || asked === null) return;
    setChanged(false);
    if (planned.plan.gate.kind === 'none') start.go({});
    else setGateOpen(true);
  };
  const showReview = () => {
    if (narrow) setStep('review');
    else if (middle) setSheet(true);
    else review.current?.focus();
  };
  // Ctrl+Enter asks to run: it opens the gate, and never passes it. F5 and the menu only show what would run.
  useCommand('run', (pressed) => (pressed?.endsWith('Enter') ? run() : showReview()), { inDialog: sheet && !gateOpen });

  const reviewed = {
    ...{ state: planned, waitsFor, mayRun: may('run.start'), busy: start.busy, onRun: run },
    onProblems: hasProblems ? showProblems : null,
    selection: now.selection,
    startError: (
      <>
        {changed && <p className={css.warning}>{t('planChanged')}</p>}
        {start.error && !gateOpen && <ErrorNote error={start.error} />}
      </>
    ),
  };
  const panes = {
    targets: (
      <TargetPicker
        selection={now.selection}
        onSelection={(selection) => changeDraft({ selection, fromLink: false })}
      />
    ),
    module: (
      <ModulePicker
        modules={offered}
        family={family}
        selected={now.module}
        onSelect={(id) => changeDraft({ module: id, fromLink: false, tries: 0, noForm: false })}
      />
    ),
    form: <FormPane composed={composed} />,
    review: <Review ref={review} {...reviewed} />,
  };
  return (
    <>
      {(!narrow || step === 'module') && (
        <div className={`${layout.bar} ${css.top}`}>
          <FamilyTabs modules={offered} family={family} onFamily={setFamily} />
        </div>
      )}
      <LinkBanner problems={now.linkProblems} filled={now.fromLink} />
      {modules.error && <ErrorNote error={modules.error} onRetry={() => void modules.refetch()} />}
      {narrow ? (
        <>
          <StepBar step={step} onStep={setStep} composed={composed} />
          <div className={`${layout.columns} ${css.onePane}`}>{panes[step]}</div>
          {step !== 'review' && <StepFoot step={step} onStep={setStep} composed={composed} />}
        </>
      ) : (
        <div className={`${layout.columns} ${css.columns}`}>
          {panes.targets}
          {panes.module}
          {panes.form}
          {!middle && panes.review}
        </div>
      )}
      {middle && !narrow && (
        <ReviewSheet
          opened={sheet}
          onOpen={() => setSheet(true)}
          onClose={() => setSheet(false)}
          state={planned}
          waitsFor={waitsFor}
        >
          <Review {...reviewed} />
        </ReviewSheet>
      )}
      {gateOpen && planned.plan && (
        <Gate key={planned.plan.id} plan={planned.plan} {...done} onClose={() => setGateOpen(false)} />
      )}
    </>
  );
}
