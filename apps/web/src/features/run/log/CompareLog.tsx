import { Button, Select } from '@mantine/core';
import type { ReadAs, Run } from '@omanager/contract';
import { useMemo, useRef } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useAnswer } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { DiffLines } from '../output/DiffLines.tsx';
import css from './CompareLog.module.css';
import type { Comparison } from './comparison.ts';
import { logTexts } from './texts.ts';

/** More would not be found by looking: one types a part of the name. */
const mostOffered = 50;

/** How this server's output differs from that of another one, or from what most servers wrote. */
export function CompareLog({
  store,
  run,
  ordinal,
  comparison: { against, by },
  readAs,
  onChange,
}: {
  store: RunStore;
  run: Run;
  ordinal: number;
  comparison: Comparison;
  readAs: ReadAs;
  onChange: (comparison: Comparison | null) => void;
}) {
  const t = useTexts(logTexts);
  const found = useRef<HTMLDivElement>(null);
  const diff = useAnswer('runs.diff', { runId: run.id, ordinal, by, readAs, ...(against !== 'most' && { against }) });
  const servers = useMemo(
    () =>
      [...store.hosts()].flatMap((host) =>
        host.ordinal === ordinal ? [] : [{ value: String(host.ordinal), label: safeText(host.name) }],
      ),
    [store, ordinal],
  );
  useKeys({
    nextChange: () => {
      const changes = [...(found.current?.querySelectorAll<HTMLElement>('[data-change]') ?? [])];
      const at = changes.findIndex((change) => change.contains(document.activeElement));
      const next = changes[at + 1] ?? changes[0];
      next?.focus();
      return next !== undefined;
    },
  });
  const words = () => {
    if (!diff.data) return '';
    const { left, right, equal } = diff.data;
    if (left.ordinal === right.ordinal) return t('isReference', { count: left.count });
    return t(equal ? 'sameAs' : 'legend', { name: safeText(left.name), own: safeText(right.name) });
  };
  return (
    <div className={css.compare}>
      <div className={css.bar}>
        <span className={layout.muted}>{t('compareWith')}</span>
        <Select
          {...{ size: 'xs', searchable: true, limit: mostOffered, allowDeselect: false, w: 220 }}
          aria-label={t('compareWith')}
          data={[{ value: 'most', label: t('largestGroup') }, ...servers]}
          value={String(against)}
          onChange={(next) => next !== null && onChange({ against: next === 'most' ? next : Number(next), by })}
        />
        <Button
          {...{ size: 'xs', title: t('exactWhy') }}
          aria-pressed={by === 'exact'}
          onClick={() => onChange({ against, by: by === 'exact' ? 'masked' : 'exact' })}
        >
          {t('exact')}
        </Button>
        <span role="status" className={css.words}>
          {words()}
        </span>
        <Button size="xs" title={withKey(t('showLog'), 'diff')} onClick={() => onChange(null)}>
          {t('showLog')}
        </Button>
      </div>
      <div ref={found} className={css.lines}>
        <DiffLines answer={diff} />
      </div>
    </div>
  );
}
