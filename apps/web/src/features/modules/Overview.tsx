import type { ModuleDetail } from '@omanager/contract';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { Ago, clockOf } from '../../ui/Time.tsx';
import css from './Detail.module.css';
import { FormPreview } from './FormPreview.tsx';
import { ParamTable } from './ParamTable.tsx';
import { isRunState } from './runState.ts';
import { moduleTexts } from './texts.ts';

/** What a module does, the facts about it, and its form. */
export function Overview({ module }: { module: ModuleDetail }) {
  const t = useTexts(moduleTexts);
  const title = useTitle();
  const { id, legacyId, version, familyTitle, body, runAs, source, digest, follow } = module;
  const description = title(module.description);
  const facts: [string, ReactNode][] = [
    [t('id'), <code key="id">{safeText(id)}</code>],
    ...(legacyId === null ? [] : [[t('number'), `#${legacyId}`] satisfies [string, ReactNode]]),
    [t('version'), <code key="version">{safeText(version)}</code>],
    [t('family'), safeText(title(familyTitle))],
    [t('body'), body],
    [t('runsAs'), runAs === null ? t('loginUser') : t('sudoUser', { user: safeText(runAs) })],
    ...(follow ? [[t('follows'), t('followsWhy')] satisfies [string, ReactNode]] : []),
    [t('from'), t(source)],
    [
      t('digest'),
      <code key="digest" title={digest}>
        {digest.slice(0, 12)}
      </code>,
    ],
  ];
  return (
    <div className={css.reading}>
      {description !== '' && <p className={css.description}>{safeLines(description)}</p>}
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
        <Usage id={id} />
      </dl>
      <section className={css.section}>
        <h3>{t('params')}</h3>
        <ParamTable schema={module.params} />
      </section>
      <FormPreview schema={module.params} />
    </div>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className={layout.facts}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Usage({ id }: { id: string }) {
  const t = useTexts(moduleTexts);
  const may = useMay();
  const { data } = useAnswer('modules.usage', { modules: [id] }, { enabled: may('run.read') });
  const usage = data?.items.find(({ module }) => module === id);
  if (!usage) return null;
  const { last, lastOkAt, typicalMs } = usage;
  return (
    <>
      <Fact
        name={t('lastRun')}
        value={
          last ? (
            <Link href={`/runs/${last.runId}`} className={css.link}>
              {isRunState(last.state) && <StateLabel state={last.state} />} <Ago at={last.at} />
            </Link>
          ) : (
            t('never')
          )
        }
      />
      {lastOkAt !== null && <Fact name={t('lastOk')} value={<Ago at={lastOkAt} />} />}
      {typicalMs !== null && (
        <Fact name={t('typical')} value={<span className={layout.mono}>{durationOf(typicalMs)}</span>} />
      )}
    </>
  );
}

/** What takes less than a minute is told by tenths of a second. */
function durationOf(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clockOf(ms);
}
