import { Button } from '@mantine/core';
import type { CommandEvent } from '@omanager/contract';
import { Link } from 'wouter';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeLines, safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import audit from '../Audit.module.css';
import css from './Commands.module.css';
import { Marks } from './commandColumns.tsx';
import { aroundOf, type CommandQuery, noQuery } from './commandQuery.ts';
import { EraseText } from './EraseText.tsx';
import { commandTexts } from './texts.ts';

interface Props {
  event: CommandEvent;
  onQuery: (query: CommandQuery) => void;
  onErased: () => void;
}

/** All that is recorded of one command. */
export function CommandDetails({ event, onQuery, onErased }: Props) {
  const t = useTexts(commandTexts);
  const language = useLanguage();
  const time = (at: string | null) => (at === null ? null : fullTime(at, language));
  const facts = [
    [t('time'), time(event.at)],
    [t('receivedAt'), time(event.receivedAt)],
    [t('claimedAt'), time(event.claimedAt)],
    [t('server'), event.hostName],
    [t('kind'), t(`kind_${event.kind}`)],
    [t('verifiedUser'), event.uid === null ? event.user : `${event.user} (uid ${event.uid})`],
    [t('loginUser'), event.loginUser],
    [t('claimedUser'), event.claimedUser],
    ['tty', event.tty],
    [t('session'), event.session],
    [t('number'), event.number],
    [t('sourceAddress'), event.source],
    [t('directory'), event.directory],
    [t('exit'), event.exit],
    [t('via'), event.via],
    [t('signedBy'), t(event.signed ? 'signedYes' : 'signedNo')],
    [t('address'), event.address],
    [t('id'), event.id],
  ] as const;
  const only = [
    ['user', event.user],
    ['session', event.session],
  ] as const;
  return (
    <div className={audit.details}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long command is scrolled by keys as well */}
      <pre className={audit.json} tabIndex={0}>
        {safeLines(event.text)}
      </pre>
      <p className={css.about}>
        <Marks event={event} />
      </p>
      <dl className={layout.facts}>
        {facts.map(([name, value]) =>
          value === null || value === '' ? null : (
            <div key={name} className={audit.fact}>
              <dt>{name}</dt>
              <dd className={layout.mono}>{safeText(String(value))}</dd>
            </div>
          ),
        )}
      </dl>
      <div className={audit.acts}>
        <Button onClick={() => onQuery(aroundOf(event))}>{t('around')}</Button>
        {only.map(([name, value]) =>
          value === '' ? null : (
            <Button key={name} onClick={() => onQuery({ ...noQuery, host: aroundOf(event).host, [name]: value })}>
              {t(`only_${name}`, { name: safeText(value) })}
            </Button>
          ),
        )}
        {event.hostId !== null && (
          <Button component={Link} href={`/servers/host/${encodeURIComponent(event.hostName)}`}>
            {t('openServer')}
          </Button>
        )}
        {(event.kind === 'command' || event.kind === 'executed') && !event.marks.includes('erased') && (
          <EraseText id={event.id} onErased={onErased} />
        )}
      </div>
    </div>
  );
}
