import { Button, TextInput } from '@mantine/core';
import { type Fold, finalRunStates, type HostState, type Run } from '@omanager/contract';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useAnswer } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { useVisible } from '../../../live/visible.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { notOkStates } from '../header/steering.ts';
import { useSlow } from '../parts/slow.ts';
import { FoldCard } from './FoldCard.tsx';
import css from './OutputPane.module.css';
import { outputTexts } from './texts.ts';
import { useCardKeys } from './useCardKeys.ts';

const notOk = new Set(notOkStates);
/** So many groups that are not OK show how they differ without being asked. */
const openFirst = 3;
/** So few are all open: they are what was asked for. */
const fewGroups = 3;

/** What came of it: servers with equal output and exit code as one group, those that are not OK first. */
export function OutputPane({
  store,
  run,
  live,
  only,
  onRetry,
}: {
  store: RunStore;
  run: Run;
  /** Whether there is a connection. */
  live: boolean;
  only: HostState | null;
  onRetry: (hosts: readonly number[]) => void;
}) {
  const t = useTexts(outputTexts);
  const [, navigate] = useLocation();
  const [by, setBy] = useState<'masked' | 'exact'>('masked');
  const [badOnly, setBadOnly] = useState(false);
  const [pattern, setPattern] = useState('');
  const folds = useAnswer('runs.folds', { runId: run.id, by });
  useRenewed(run, folds.refetch);

  const items = folds.data?.items ?? [];
  const reference = items[0];
  const bad = items.filter(({ state }) => notOk.has(state));
  const good = items.filter(({ state }) => !notOk.has(state));
  const shown = [...bad, ...(badOnly ? [] : good)].filter(({ state }) => only === null || state === only);
  const count = folds.data?.total ?? 0;
  const cards = useRef<HTMLDivElement>(null);
  useCardKeys(cards, shown.length > 1);

  return (
    <section className={css.pane} aria-label={t('output')}>
      <div className={`${layout.bar} ${css.bar}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (pattern) navigate(`/runs/${run.id}/log?q=${encodeURIComponent(pattern)}`);
          }}
        >
          <TextInput
            {...{ size: 'xs', value: pattern, placeholder: t('find'), 'aria-label': t('find') }}
            leftSection={<IconSearch size={16} stroke={1.5} aria-hidden="true" />}
            onChange={(event) => setPattern(event.currentTarget.value)}
          />
        </form>
        <Button size="xs" aria-pressed={!badOnly} onClick={() => setBadOnly(false)}>
          {t(finalRunStates.has(run.state) ? 'groups' : 'soFar', { count })}
        </Button>
        {bad.length > 0 && (
          <Button size="xs" aria-pressed={badOnly} onClick={() => setBadOnly(true)}>
            {t('notOk', { count: bad.length })}
          </Button>
        )}
        <span className={`${layout.push} ${css.how}`}>{t(by === 'masked' ? 'masked' : 'exactOn')}</span>
        <Button size="xs" onClick={() => setBy(by === 'masked' ? 'exact' : 'masked')}>
          {t(by === 'masked' ? 'exact' : 'mask')}
        </Button>
      </div>
      <div ref={cards} className={css.cards}>
        {folds.error && <ErrorNote error={folds.error} onRetry={() => void folds.refetch()} />}
        {folds.data && shown.length === 0 && (
          <EmptyState title={t(items.length === 0 ? 'none' : 'noneFiltered')}>
            {t(items.length === 0 ? 'noneWhy' : 'noneFilteredWhy')}
          </EmptyState>
        )}
        {shown.map((fold, i) => (
          <FoldCard
            key={`${by} ${fold.state} ${fold.hash} ${fold.exitCode}`}
            {...{ run, fold, live, by, onRetry }}
            host={store.host(fold.ordinal)}
            ordinalsOf={() => ordinalsOf(store, fold.hosts)}
            reference={reference === undefined || isReference(fold, reference) ? null : reference}
            alone={items.length === 1}
            openAtFirst={(notOk.has(fold.state) && i < openFirst) || items.length <= fewGroups}
          />
        ))}
        {folds.data && count > items.length && (
          <p className={layout.muted}>{t('others', { count: count - items.length })}</p>
        )}
      </div>
    </section>
  );
}

const isReference = (fold: Fold, reference: Fold): boolean =>
  fold.hash === reference.hash && fold.exitCode === reference.exitCode && fold.state === reference.state;

/** Asks anew when the run has moved, at most once a second, while it can be seen. */
function useRenewed(run: Run, renew: () => Promise<unknown>): void {
  const revision = useSlow(run.revision, 1000);
  const visible = useVisible();
  const [asked, setAsked] = useState(run.revision);
  useEffect(() => {
    if (!visible || revision === asked) return;
    setAsked(revision);
    renew().catch(() => {});
  }, [revision, visible, asked, renew]);
}

function ordinalsOf(store: RunStore, names: readonly string[]): number[] {
  const wanted = new Set(names);
  return [...store.hosts()].filter(({ name }) => wanted.has(name)).map(({ ordinal }) => ordinal);
}
