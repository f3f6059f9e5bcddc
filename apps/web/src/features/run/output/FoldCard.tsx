import { ActionIcon, Button } from '@mantine/core';
import { compressRanges, type Fold, type FoldKind, finalRunStates, type HostRun, type Run } from '@omanager/contract';
import { IconChevronDown, IconCopy } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useAnswer } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { toneOf } from '../../../ui/stateTones.ts';
import { notOkStates } from '../header/steering.ts';
import { useCopy } from '../parts/Copied.tsx';
import { DiffLines } from './DiffLines.tsx';
import css from './OutputPane.module.css';
import { SampleLines } from './SampleLines.tsx';
import { outputTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** Commas outside brackets: a line may break there. */
const betweenNames = /,(?![^[]*\])/g;

/** One group: how many servers, which, and what they said, or how that differs from the largest group. */
export function FoldCard({
  run,
  fold,
  live,
  by,
  host,
  ordinalsOf,
  reference,
  alone,
  openAtFirst,
  onRetry,
}: {
  run: Run;
  fold: Fold;
  live: boolean;
  by: FoldKind;
  /** The first server of the group, where it is known. */
  host: HostRun | undefined;
  ordinalsOf: () => readonly number[];
  /** What it is compared with; null: it is the reference itself. */
  reference: Fold | null;
  alone: boolean;
  openAtFirst: boolean;
  onRetry: (hosts: readonly number[]) => void;
}) {
  const t = useTexts(outputTexts);
  const may = useMay()('run.control');
  const [open, setOpen] = useState(openAtFirst);
  const said = fold.sample.length > 0;
  const compared = reference !== null && said && reference.sample.length > 0;
  const diff = useAnswer(
    'runs.diff',
    { runId: run.id, ordinal: fold.ordinal, against: reference?.ordinal ?? fold.ordinal, by, context: 1, maxLines: 60 },
    { enabled: open && compared },
  );
  const range = useMemo(() => compressRanges(fold.hosts), [fold.hosts]);
  const changed = diff.data?.hunks.flatMap(({ lines }) => lines).filter(({ kind }) => kind !== 'both').length ?? 0;
  const facts = [
    fold.exitCode === null ? t('noExit') : t('exit', { code: fold.exitCode }),
    compared && diff.data && (diff.data.equal ? t('same') : t('differs', { count: changed })),
    !said && t('empty'),
  ].filter((fact) => typeof fact === 'string');
  const card = useRef<HTMLElement>(null);
  const copy = useCopy();
  const copyHosts = () => copy.names(fold.hosts);
  // Below the one of the page: the palette does not know which group is meant.
  useKeys({ copyHosts }, { within: card, fallback: true });
  const retriable = may && finalRunStates.has(run.state) && notOkStates.includes(fold.state);
  const message = host?.message ?? host?.reason;

  return (
    <article
      {...{ ref: card, className: css.card, tabIndex: -1, 'data-tone': toneOf(fold.state) }}
      data-compared={compared || undefined}
    >
      <div className={css.head}>
        <StateLabel state={fold.state} count={fold.count} />
        <span className={css.what}>{facts.join(' · ')}</span>
        <span className={layout.push} />
        {reference === null && !alone && (
          <span className={layout.tag} title={t('referenceWhy')}>
            {t('reference')}
          </span>
        )}
        <span className={css.actions}>
          {retriable && (
            <Button size="xs" disabled={!live} onClick={() => onRetry(ordinalsOf())}>
              {t('retry', { count: fold.count })}
            </Button>
          )}
          <Button size="xs" variant="subtle" component={Link} href={`/runs/${run.id}/log/${fold.ordinal}`}>
            {t(fold.count === 1 ? 'log' : 'logs')}
          </Button>
        </span>
        <ActionIcon
          {...{ size: 24, 'aria-label': t('copyRange'), className: css.copy ?? '' }}
          title={withKey(t('copyRange'), 'copyHosts')}
          onClick={copyHosts}
        >
          <IconCopy {...icon} />
        </ActionIcon>
        {said && (
          <ActionIcon
            {...{ size: 24, 'aria-expanded': open, 'aria-label': t(open ? 'collapse' : 'expand') }}
            title={compared ? withKey(t(open ? 'collapse' : 'expand'), 'diff') : undefined}
            onClick={() => setOpen(!open)}
          >
            <IconChevronDown {...icon} className={css.chevron} />
          </ActionIcon>
        )}
      </div>
      <div className={css.range} data-open={open || undefined}>
        <span>{safeText(range.replace(betweenNames, ' '))}</span>
        {open && compared && diff.data && !diff.data.equal && (
          <span className={css.legend}>{t('legend', { count: fold.count })}</span>
        )}
      </div>
      {message && fold.state !== 'ok' && <p className={css.message}>{safeText(message)}</p>}
      {open && compared && <DiffLines answer={diff} />}
      {open && said && (!compared || diff.data?.equal) && <SampleLines fold={fold} />}
      {open && fold.sampleTruncated && <p className={css.note}>{t('more')}</p>}
    </article>
  );
}
