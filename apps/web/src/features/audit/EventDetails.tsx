import { Button } from '@mantine/core';
import type { ActionEvent } from '@omanager/contract';
import { Link } from 'wouter';
import { useMay } from '../../data/session.tsx';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { fullTime } from '../../ui/Time.tsx';
import css from './Audit.module.css';
import { useActorName } from './actorName.ts';
import { Changes } from './Changes.tsx';
import type { EventQuery } from './eventQuery.ts';
import { hostOf, runOf } from './tail.ts';
import { auditTexts } from './texts.ts';
import { userAddress } from './timeline/timelineRows.ts';

/** All that is recorded of one act. Secrets were left out before it was stored. */
export function EventDetails({ event, onOnly }: { event: ActionEvent; onOnly: (part: Partial<EventQuery>) => void }) {
  const t = useTexts(auditTexts);
  const nameOf = useActorName();
  const language = useLanguage();
  const may = useMay();
  const run = runOf(event);
  const host = hostOf(event);
  const facts = [
    [t('time'), fullTime(event.at, language)],
    [t('actorKind'), t(event.actorKind === 'device' ? 'device_' : event.actorKind)],
    [t('actor'), nameOf(event)],
    [t('actorId'), event.actorId],
    [t('device'), event.deviceId],
    [t('address'), event.address],
    [t('action'), event.action],
    [t('object'), event.object],
    [t('outcome'), t(event.outcome)],
    [t('code'), event.code],
    [t('id'), event.id],
  ] as const;
  return (
    <div className={css.details}>
      <dl className={layout.facts}>
        {facts.map(([name, value]) =>
          value === null || value === '' ? null : (
            <div key={name} className={css.fact}>
              <dt>{name}</dt>
              <dd className={layout.mono}>{safeText(value)}</dd>
            </div>
          ),
        )}
      </dl>
      <Changes details={event.details} />
      <p className={css.caption}>{t('raw')}</p>
      <pre className={css.json}>{safeLines(JSON.stringify(event, null, 2))}</pre>
      <div className={css.acts}>
        {run !== null && (
          <Button component={Link} href={`/runs/${run}`}>
            {t('openRun')}
          </Button>
        )}
        {host !== null && (
          <Button component={Link} href={`/servers/host/${encodeURIComponent(host)}`}>
            {t('openServer')}
          </Button>
        )}
        {/^users\./.test(event.action) && may('access.read') && (
          <Button component={Link} href="/admin/users">
            {t('openUsers')}
          </Button>
        )}
        {event.object !== null && (
          <Button onClick={() => onOnly({ object: event.object })}>
            {t('only')}: {safeText(run === null ? event.object : t('run'))}
          </Button>
        )}
        {(event.actorKind === 'user' || event.actorKind === 'token') && (
          <Button component={Link} href={userAddress(event.actorName)}>
            {t('timelineOf', { name: safeText(event.actorName) })}
          </Button>
        )}
        <Button onClick={() => onOnly({ actor: event.actorName })}>
          {t('only')}: {nameOf(event)}
        </Button>
        <Button onClick={() => onOnly({ action: event.action })}>
          {t('only')}: {safeText(event.action)}
        </Button>
      </div>
    </div>
  );
}
