import { Button, Drawer } from '@mantine/core';
import { type Alert, alertSeverities } from '@omanager/contract';
import { useState } from 'react';
import { useAnswer } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ChangeButton } from '../../../ui/ChangeButton.tsx';
import chips from '../../../ui/chips.module.css';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { FilterChip, ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { VirtualTable } from '../../../ui/VirtualTable.tsx';
import { Acknowledge } from './Acknowledge.tsx';
import { AlertDetails } from './AlertDetails.tsx';
import css from './Alerts.module.css';
import { useAlertColumns } from './alertColumns.tsx';
import { noAlertQuery } from './alertRows.ts';
import { alertTexts } from './texts.ts';
import { useAlertQuery, useAlerts } from './useAlerts.ts';

/** So many one call acknowledges. */
const mostAtOnce = 500;

/** Alerts as they are raised; the open ones unless all are asked for. */
export function AlertList() {
  const t = useTexts(alertTexts);
  const tUi = useTexts(uiTexts);
  const may = useMay();
  const { query, change } = useAlertQuery();
  const { pages, stream } = useAlerts(query);
  const rules = useAnswer('alerts.rules', {}, { enabled: query.rule !== null });
  const columns = useAlertColumns();
  const [opened, setOpened] = useState<Alert | null>(null);
  const [asked, setAsked] = useState<readonly Alert[] | null>(null);
  // In its newest state; one that the filter lets go stays open as it was.
  const open = opened && (pages.items.find(({ id }) => id === opened.id) ?? opened);
  const listed = pages.items.filter(({ acknowledgedAt }) => acknowledgedAt === null);
  const waiting = listed.slice(0, mostAtOnce);
  // Only what is listed is acknowledged: nobody sees to what they have not been shown.
  const isWhole = !pages.hasMore && waiting.length === listed.length;
  const ruleName = rules.data?.items.find(({ id }) => id === query.rule)?.name ?? query.rule;
  const host = pages.items.find(({ hostId }) => hostId === query.host)?.hostName ?? query.host;
  const isFiltered = query.severity !== null || query.rule !== null || query.user !== null || query.host !== null;
  const only = [
    ['rule', ruleName],
    ['user', query.user],
    ['host', host],
  ] as const;
  return (
    <>
      <div className={chips.chips}>
        {alertSeverities.toReversed().map((severity) => (
          <ToggleChip
            key={severity}
            on={query.severity === severity}
            onClick={() => change({ severity: query.severity === severity ? null : severity })}
          >
            {tUi(severity)}
          </ToggleChip>
        ))}
        <ToggleChip on={query.all} onClick={() => change({ all: !query.all })}>
          {t('acknowledgedToo')}
        </ToggleChip>
        {only.map(([name, value]) =>
          value === null ? null : (
            <FilterChip
              key={name}
              name={t(name === 'host' ? 'server' : name)}
              value={value}
              onRemove={() => change({ [name]: null })}
            />
          ),
        )}
        {may('alert.acknowledge') && waiting.length > 0 && (
          <ChangeButton className={css.push ?? ''} size="compact-sm" onClick={() => setAsked(waiting)}>
            {t(isWhole ? 'acknowledgeWhole' : 'acknowledgeAll', { count: waiting.length })}
          </ChangeButton>
        )}
      </div>
      {stream.kind !== 'live' && (
        <p className={css.notice} role="status">
          {stream.kind === 'failed' ? safeText(stream.error.message) : t('stopped')}
          <Button size="compact-sm" onClick={pages.again}>
            {t('refresh')}
          </Button>
        </p>
      )}
      <VirtualTable
        label={t('title')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        selected={opened?.id ?? null}
        onOpen={setOpened}
        empty={
          <EmptyState
            title={t('none')}
            action={
              isFiltered && <Button onClick={() => change({ ...noAlertQuery, all: query.all })}>{t('clear')}</Button>
            }
          >
            {t(isFiltered ? 'noneFiltered' : 'noneWhy')}
          </EmptyState>
        }
      />
      <Drawer
        opened={open !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="min(560px, 100vw)"
        title={open && <SeverityChip severity={open.severity} />}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {open && <AlertDetails alert={open} onOnly={change} onAcknowledge={() => setAsked([open])} />}
      </Drawer>
      {asked && (
        <Acknowledge
          alerts={asked}
          onDone={() => {
            setAsked(null);
            setOpened(null);
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}
