import type { Alert } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import type { Column } from '../../../ui/VirtualTable.tsx';
import css from './Alerts.module.css';
import { alertTexts } from './texts.ts';

/** More of a long command is in its details. */
const longest = 300;

export function useAlertColumns(): readonly Column<Alert>[] {
  const t = useTexts(alertTexts);
  return [
    {
      key: 'severity',
      title: t('severity'),
      width: '92px',
      cell: ({ severity }) => <SeverityChip severity={severity} />,
    },
    { key: 'raised', title: t('raised'), width: '96px', cell: ({ raisedAt }) => <Ago at={raisedAt} /> },
    { key: 'rule', title: t('rule'), width: 'minmax(140px, 1.6fr)', cell: ({ ruleName }) => safeText(ruleName) },
    {
      key: 'who',
      title: `${t('user')}, ${t('server')}`,
      width: 'minmax(120px, 1fr)',
      cell: ({ user, hostName }) => <span className={layout.mono}>{safeText(`${user}@${hostName}`)}</span>,
    },
    {
      key: 'command',
      title: t('command'),
      width: 'minmax(180px, 2.5fr)',
      cell: ({ command }) =>
        command === null ? (
          <span className={layout.muted}>{t('commandGone')}</span>
        ) : (
          <code className={css.command}>{safeText(command.slice(0, longest))}</code>
        ),
    },
    {
      key: 'times',
      title: t('times'),
      width: '56px',
      phone: 'labelled',
      cell: ({ count }) => (count > 1 ? `× ${count.toLocaleString()}` : '1'),
    },
    { key: 'state', title: t('state'), width: 'minmax(110px, 1fr)', cell: (alert) => <Seen alert={alert} /> },
  ];
}

function Seen({ alert: { acknowledgedBy, note } }: { alert: Alert }) {
  const t = useTexts(alertTexts);
  if (acknowledgedBy === null) return <span className={css.open}>{t('open')}</span>;
  return (
    <span className={layout.muted} title={safeText(note)}>
      {t('seenBy', { name: safeText(acknowledgedBy) })}
    </span>
  );
}
