import { Button, Switch } from '@mantine/core';
import type { AlertRule } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../../data/calls.ts';
import { usePages } from '../../../data/pages.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useBlockWords } from '../../../data/useBlockWords.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ChangeButton } from '../../../ui/ChangeButton.tsx';
import { Confirm } from '../../../ui/Confirm.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../../ui/VirtualTable.tsx';
import css from './Alerts.module.css';
import { RuleForm } from './RuleForm.tsx';
import { StarterRules } from './StarterRules.tsx';
import { alertTexts } from './texts.ts';

/** What raises alerts. Who may not change rules can read them. */
export function Rules() {
  const t = useTexts(alertTexts);
  const { client } = useSession();
  const mayChange = useMay()('audit.rules');
  const [edited, setEdited] = useState<AlertRule | 'new' | null>(null);
  const [gone, setGone] = useState<AlertRule | null>(null);
  const [starter, setStarter] = useState(false);
  const pages = usePages<AlertRule>('alerts.rules', {}, (_page, signal) => client.call('alerts.rules', {}, { signal }));
  const update = useChange('alerts.updateRule', { refresh: ['alerts.rules'] });
  const block = useBlockWords();
  const turn = ({ id, changedBy: _by, changedAt: _at, ...rule }: AlertRule, enabled: boolean) =>
    update.mutate({ id, rule: { ...rule, enabled } });
  const columns: readonly Column<AlertRule>[] = [
    {
      key: 'enabled',
      title: t('on'),
      width: '52px',
      cell: (rule) => (
        <Switch
          aria-label={t('looks', { name: safeText(rule.name) })}
          title={block ?? (mayChange ? undefined : t('mayNot'))}
          checked={rule.enabled}
          disabled={!mayChange || block !== null || update.isPending}
          onChange={(event) => turn(rule, event.currentTarget.checked)}
        />
      ),
    },
    {
      key: 'severity',
      title: t('severity'),
      width: '92px',
      cell: ({ severity }) => <SeverityChip severity={severity} />,
    },
    {
      key: 'name',
      title: t('name'),
      width: 'minmax(160px, 1.4fr)',
      cell: ({ name, enabled }) => (
        <>
          {safeText(name)} {!enabled && <span className={layout.tag}>{t('off')}</span>}
        </>
      ),
    },
    {
      key: 'pattern',
      title: t('pattern'),
      width: 'minmax(160px, 2fr)',
      phone: 'hidden',
      cell: ({ pattern }) => (
        <code className={css.command} title={safeText(pattern)}>
          {safeText(pattern.slice(0, 200))}
        </code>
      ),
    },
    { key: 'where', title: t('where'), width: 'minmax(130px, 1.2fr)', cell: (rule) => <Where rule={rule} /> },
    {
      key: 'changed',
      title: t('changedBy'),
      width: '150px',
      phone: 'labelled',
      cell: ({ changedBy, changedAt }) => (
        <>
          {safeText(changedBy)} · <Ago at={changedAt} />
        </>
      ),
    },
    {
      key: 'acts',
      title: '',
      width: '150px',
      cell: (rule) =>
        mayChange && (
          <div className={css.acts}>
            <Button size="xs" onClick={() => setEdited(rule)}>
              {t('editRule')}
            </Button>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(rule)}>
              {t('remove')}
            </Button>
          </div>
        ),
    },
  ];
  const add = mayChange ? (
    <div className={css.acts}>
      <ChangeButton onClick={() => setStarter(true)}>{t('starter')}</ChangeButton>
      <ChangeButton variant="filled" onClick={() => setEdited('new')}>
        {t('addRule')}
      </ChangeButton>
    </div>
  ) : null;
  return (
    <>
      <div className={layout.bar}>
        {!mayChange && <span className={layout.muted}>{t('mayNot')}</span>}
        <span className={layout.push} />
        {add}
      </div>
      {update.error && <ErrorNote error={update.error} />}
      <VirtualTable
        label={t('rules')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noRules')}>{t('noRulesWhy')}</EmptyState>}
      />
      {edited && <RuleForm rule={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {starter && <StarterRules onClose={() => setStarter(false)} />}
      {gone && (
        <Confirm
          method="alerts.removeRule"
          params={{ id: gone.id }}
          refresh={['alerts.rules', 'alerts.starterRules']}
          title={t('removeRule', { name: safeText(gone.name) })}
          why={t('removeRuleWhy')}
          onClose={() => setGone(null)}
        />
      )}
    </>
  );
}

function Where({ rule: { users, servers, environments, window } }: { rule: AlertRule }) {
  const t = useTexts(alertTexts);
  const parts = [
    ...users,
    ...(servers === null ? [] : [servers]),
    ...environments,
    ...(window === null ? [] : [`${window.from}–${window.to}`]),
  ];
  return parts.length === 0 ? (
    <span className={layout.muted}>{t('everywhere')}</span>
  ) : (
    <span className={layout.mono} title={safeText(parts.join(', '))}>
      {safeText(parts.join(', '))}
    </span>
  );
}
