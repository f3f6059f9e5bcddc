import { ActionIcon, Tabs } from '@mantine/core';
import type { ModuleDetail } from '@omanager/contract';
import { IconArrowLeft } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { CodeView } from './CodeView.tsx';
import css from './Detail.module.css';
import { DetailActions } from './DetailActions.tsx';
import { LastRuns } from './LastRuns.tsx';
import shared from './Modules.module.css';
import { Overview } from './Overview.tsx';
import { moduleTexts } from './texts.ts';
import { Versions } from './Versions.tsx';

/** One module in full. */
export function Detail({ id }: { id: string }) {
  const ui = useTexts(uiTexts);
  const { data, error, refetch } = useAnswer('modules.get', { module: id });
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data?.id !== id) return <EmptyState title={ui('loading')} />;
  return <Shown module={data} />;
}

function Shown({ module }: { module: ModuleDetail }) {
  const t = useTexts(moduleTexts);
  const title = useTitle();
  const may = useMay();
  const [, navigate] = useLocation();
  const [tab, setTab] = useState<string | null>('overview');
  const { id, legacyId, risk, retired } = module;
  return (
    <>
      <header className={`${layout.bar} ${css.head}`}>
        <ActionIcon className={shared.back ?? ''} aria-label={t('back')} onClick={() => navigate('/modules')}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
        <h2 className={layout.cut}>{safeText(title(module.title))}</h2>
        <span className={`${layout.mono} ${layout.muted}`}>{legacyId === null ? safeText(id) : `#${legacyId}`}</span>
        <RiskChip risk={risk} />
        <DetailActions module={module} />
      </header>
      {retired && (
        <p className={css.notice} role="note">
          {t('retiredBy', { name: safeText(retired.by) })}
        </p>
      )}
      <Tabs value={tab} onChange={setTab} className={css.tabs ?? ''}>
        <Tabs.List className={css.tabList ?? ''}>
          <Tabs.Tab value="overview">{t('overview')}</Tabs.Tab>
          <Tabs.Tab value="manifest">{t('manifest')}</Tabs.Tab>
          <Tabs.Tab value="versions">{t('versions')}</Tabs.Tab>
          {may('run.read') && <Tabs.Tab value="runs">{t('lastRuns')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="overview" className={css.panel ?? ''}>
          <Overview module={module} />
        </Tabs.Panel>
        <Tabs.Panel value="manifest" className={css.panel ?? ''}>
          <CodeView text={module.manifest} label={t('manifest')} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" className={css.panel ?? ''}>
          <Versions module={module} />
        </Tabs.Panel>
        <Tabs.Panel value="runs" className={css.panel ?? ''}>
          <LastRuns id={id} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
