import { Button } from '@mantine/core';
import type { Alert } from '@omanager/contract';
import { Link } from 'wouter';
import { useMay } from '../../../data/session.tsx';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { ChangeButton } from '../../../ui/ChangeButton.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import audit from '../Audit.module.css';
import { commandsAddress, minutesFrom } from '../commands/commandQuery.ts';
import { AlertEvent } from './AlertEvent.tsx';
import type { AlertQuery } from './alertRows.ts';
import { alertTexts } from './texts.ts';

interface Props {
  alert: Alert;
  onOnly: (part: Partial<AlertQuery>) => void;
  onAcknowledge: () => void;
}

/** One alert: what was found, where, and what came of it. */
export function AlertDetails({ alert, onOnly, onAcknowledge }: Props) {
  const t = useTexts(alertTexts);
  const language = useLanguage();
  const mayAcknowledge = useMay()('alert.acknowledge');
  const { raisedAt, lastAt, acknowledgedAt, acknowledgedBy, hostId, hostName, user } = alert;
  const facts = [
    [t('rule'), alert.ruleName],
    [t('raised'), fullTime(raisedAt, language)],
    [t('server'), hostName],
    [t('user'), user],
    [t('times'), alert.count.toLocaleString()],
    [t('last'), fullTime(lastAt, language)],
    [t('state'), acknowledgedBy === null ? t('open') : t('seenBy', { name: acknowledgedBy })],
    [t('acknowledgedAt'), acknowledgedAt === null ? '' : fullTime(acknowledgedAt, language)],
    [t('note'), alert.note],
    [t('id'), alert.id],
  ] as const;
  const around = { host: hostName, from: minutesFrom(lastAt, -5), to: minutesFrom(lastAt, 5) };
  return (
    <div className={audit.details}>
      <AlertEvent alert={alert} />
      <dl className={layout.facts}>
        {facts.map(([name, value]) =>
          value === '' ? null : (
            <div key={name} className={audit.fact}>
              <dt>{name}</dt>
              <dd className={layout.mono}>{safeText(value)}</dd>
            </div>
          ),
        )}
      </dl>
      {acknowledgedAt === null && !mayAcknowledge && <p className={layout.muted}>{t('mayNotAcknowledge')}</p>}
      <div className={audit.acts}>
        {acknowledgedAt === null && (
          <ChangeButton variant="filled" disabled={!mayAcknowledge} onClick={onAcknowledge}>
            {t('acknowledge')}
          </ChangeButton>
        )}
        <Button component={Link} href={commandsAddress(around)}>
          {t('around')}
        </Button>
        {hostId !== null && (
          <Button component={Link} href={`/servers/host/${encodeURIComponent(hostName)}`}>
            {t('openServer')}
          </Button>
        )}
        <Button onClick={() => onOnly({ rule: alert.ruleId })}>{t('onlyRule')}</Button>
        <Button onClick={() => onOnly({ user })}>{t('onlyUser', { name: safeText(user) })}</Button>
        {hostId !== null && (
          <Button onClick={() => onOnly({ host: hostId })}>{t('onlyServer', { name: safeText(hostName) })}</Button>
        )}
      </div>
    </div>
  );
}
