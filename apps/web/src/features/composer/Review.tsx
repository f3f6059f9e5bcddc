import { Button } from '@mantine/core';
import { isProduction, type Plan } from '@omanager/contract';
import { IconCheck, IconPlayerPlay } from '@tabler/icons-react';
import { Fragment, type ReactNode, type Ref, useState } from 'react';
import { useBlockWords } from '../../data/useBlockWords.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import type { Selection } from '../servers/selection.ts';
import css from './Composer.module.css';
import { PlanHosts } from './PlanHosts.tsx';
import { composerTexts } from './texts.ts';
import type { PlanState } from './usePlan.ts';
import { Waves } from './Waves.tsx';

interface Props {
  state: PlanState;
  /** Why there is no plan to be made yet; null: there is. */
  waitsFor: string | null;
  mayRun: boolean;
  busy: boolean;
  startError: ReactNode;
  onRun: () => void;
  /** Shows what is wrong with the form; null: nothing is. */
  onProblems: (() => void) | null;
  selection: Selection;
  ref?: Ref<HTMLElement>;
}

/** What would run, where and how, as the server froze it. */
export function Review({ state, waitsFor, mayRun, busy, startError, onRun, onProblems, selection, ref }: Props) {
  const t = useTexts(composerTexts);
  const block = useBlockWords();
  const { plan, current, error } = state;
  const ready = plan !== null && current && waitsFor === null;
  const gated = plan !== null && plan.gate.kind !== 'none';
  const label = plan ? t(gated ? 'runOnGate' : 'runOn', { count: plan.total }) : t('title');
  return (
    <section ref={ref} className={`${layout.column} ${css.review}`} aria-label={t('review')} tabIndex={-1}>
      <div className={layout.bar}>
        <h2>{t('review')}</h2>
        {plan && (
          <span className={`${layout.push} ${css.digest}`}>
            {t('plan', { digest: plan.digest.slice(0, 8) })}
            {current ? (
              <span className={css.current}>
                <IconCheck size={14} stroke={1.5} aria-hidden="true" />
                {t('planCurrent')}
              </span>
            ) : (
              <span>{t('planStale')}</span>
            )}
          </span>
        )}
      </div>
      <div className={`${layout.scroll} ${css.reviewBody}`} aria-busy={waitsFor === null && !current}>
        {waitsFor !== null && (
          <p className={css.hint}>
            {waitsFor}{' '}
            {onProblems && (
              <Button {...{ variant: 'subtle', size: 'compact-sm', onClick: onProblems }}>{t('showProblems')}</Button>
            )}
          </p>
        )}
        {waitsFor === null && error && <ErrorNote error={error} onRetry={state.again} />}
        {waitsFor === null && !plan && !error && <p className={css.hint}>{t('planning')}</p>}
        {waitsFor === null && plan && <PlanView {...{ plan, selection }} />}
      </div>
      <div className={css.run}>
        {startError}
        {mayRun && block !== null && (
          <p className={css.hint} role="status">
            {block}
          </p>
        )}
        {!mayRun && <p className={css.hint}>{t('noPermission')}</p>}
        <Button
          variant="filled"
          size="md"
          fullWidth
          leftSection={<IconPlayerPlay size={16} stroke={1.5} aria-hidden="true" />}
          rightSection={<kbd className={css.key}>Ctrl ↵</kbd>}
          disabled={!ready || !mayRun || busy || block !== null}
          loading={busy}
          onClick={onRun}
        >
          {label}
        </Button>
      </div>
    </section>
  );
}

function PlanView({ plan, selection }: { plan: Plan; selection: Selection }) {
  const t = useTexts(composerTexts);
  const tUi = useTexts(uiTexts);
  const [listed, setListed] = useState(false);
  return (
    <>
      <div className={css.part}>
        <p className={css.big}>
          <b>{tUi('servers', { count: plan.total })}</b>
          {Object.entries(plan.environments).map(([name, count]) => (
            <span key={name} className={css.environment}>
              <EnvironmentChip environment={name} />
              {Object.keys(plan.environments).length > 1 && count}
            </span>
          ))}
          <Button variant="subtle" size="compact-sm" className={layout.push ?? ''} onClick={() => setListed(true)}>
            {t('showList')}
          </Button>
        </p>
        {Object.keys(plan.environments).length > 1 && Object.keys(plan.environments).some(isProduction) && (
          <p className={css.warning}>{t('includesProduction')}</p>
        )}
        {plan.warnings.map(({ code, message, count }) => (
          <p key={code} className={css.warning}>
            {safeLines(message)} ({count})
          </p>
        ))}
      </div>
      {plan.script !== '' && (
        <div className={css.part}>
          <h3>{t('script')}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
          <pre className={css.script} tabIndex={0}>
            {safeLines(plan.script)}
          </pre>
        </div>
      )}
      {Object.keys(plan.params).length > 0 && (
        <dl className={`${css.part} ${layout.facts}`} aria-label={t('params')}>
          {Object.entries(plan.params).map(([name, value]) => (
            <Fragment key={name}>
              <dt>{safeText(name)}</dt>
              <dd className={`${layout.mono} ${layout.cut}`}>{safeText(shown(value))}</dd>
            </Fragment>
          ))}
        </dl>
      )}
      <Waves plan={plan} />
      <dl className={`${css.part} ${layout.facts}`}>
        <dt>{t('runAs')}</dt>
        <dd className={layout.mono}>{plan.runAs === null ? t('ownUser') : safeText(plan.runAs)}</dd>
        <dt>{t('timeout')}</dt>
        <dd>{plan.follow ? t('follows') : t('seconds', { count: Math.round(plan.timeoutMs / 1000) })}</dd>
        <dt>{t('zones')}</dt>
        <dd className={layout.mono}>{safeText(Object.keys(plan.zones).join(' '))}</dd>
      </dl>
      {listed && <PlanHosts {...{ plan, selection }} onClose={() => setListed(false)} />}
    </>
  );
}

/** A value in one line: a list by commas, a file by its name. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
  return JSON.stringify(value);
}
