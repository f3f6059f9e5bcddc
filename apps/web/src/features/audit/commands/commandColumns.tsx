import type { CommandEvent } from '@omanager/contract';
import { IconAlertTriangle, IconExternalLink } from '@tabler/icons-react';
import { Link } from 'wouter';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import type { Column } from '../../../ui/VirtualTable.tsx';
import { momentOf } from '../moment.ts';
import { userAddress } from '../timeline/timelineRows.ts';
import css from './Commands.module.css';
import { commandTexts } from './texts.ts';

export const isCommand = ({ kind }: CommandEvent): boolean =>
  kind === 'command' || kind === 'ended' || kind === 'executed';
/** More of a long command is in its details. */
const longest = 400;

export function useCommandColumns(): readonly Column<CommandEvent>[] {
  const t = useTexts(commandTexts);
  const language = useLanguage();
  return [
    {
      key: 'time',
      title: t('time'),
      width: '118px',
      cell: ({ at }) => (
        <time className={layout.mono} dateTime={at} title={fullTime(at, language)}>
          {momentOf(at)}
        </time>
      ),
    },
    {
      key: 'server',
      title: t('server'),
      width: 'minmax(120px, 1fr)',
      cell: ({ hostName }) => <span className={layout.mono}>{safeText(hostName)}</span>,
    },
    { key: 'user', title: t('user'), width: 'minmax(110px, 1.2fr)', cell: (event) => <Users event={event} /> },
    {
      key: 'session',
      title: t('ttySession'),
      width: '110px',
      phone: 'hidden',
      cell: ({ tty, session }) => (
        <span className={layout.mono} title={safeText(session)}>
          {safeText([tty, session].filter(Boolean).join(' '))}
        </span>
      ),
    },
    {
      key: 'directory',
      title: t('directory'),
      width: 'minmax(80px, 1fr)',
      phone: 'hidden',
      cell: ({ directory }) => (
        <span className={`${layout.mono} ${layout.muted}`} title={safeText(directory)}>
          {safeText(directory)}
        </span>
      ),
    },
    {
      key: 'command',
      title: t('command'),
      width: 'minmax(180px, 3.5fr)',
      cell: ({ text }) => <code className={css.command}>{safeText(text.slice(0, longest))}</code>,
    },
    {
      key: 'exit',
      title: t('exit'),
      width: '44px',
      phone: 'labelled',
      cell: ({ exit, kind }) => (
        <span className={exit === 0 || exit === null ? css.exit : css.failed}>
          {exit ?? (kind === 'command' ? '–' : '')}
        </span>
      ),
    },
    {
      key: 'risk',
      title: t('risk'),
      width: '72px',
      cell: ({ risk }) => risk && <SeverityChip severity={risk.severity} why={risk.rule} />,
    },
    {
      key: 'marks',
      title: t('source'),
      width: 'minmax(148px, 1.2fr)',
      cell: (event) => <Marks event={event} risk={false} />,
    },
  ];
}

/** Who signed in and whom the kernel knows it as; what a shell only claims is said to be a claim. */
function Users({ event }: { event: CommandEvent }) {
  const t = useTexts(commandTexts);
  const { uid, user, loginUser, claimedUser } = event;
  const verified = event.signed && uid !== null;
  return (
    <span className={layout.mono} title={uid === null ? t('notVerified') : `uid ${uid}`}>
      {!verified && <span className={css.warn}>{t('notVerified')} </span>}
      {loginUser !== '' && loginUser !== user && <>{safeText(loginUser)} → </>}
      {user === '' ? null : (
        <Link href={userAddress(user)} onClick={(click) => click.stopPropagation()}>
          {safeText(user)}
        </Link>
      )}
      {claimedUser !== '' && claimedUser !== user && (
        <span className={verified ? css.warn : undefined}> {t('claims', { name: safeText(claimedUser) })}</span>
      )}
    </span>
  );
}

/** Where it belongs to, and what is odd about it. */
export function Marks({ event, risk = true }: { event: CommandEvent; risk?: boolean }) {
  const t = useTexts(commandTexts);
  const odd = [...(event.signed ? [] : (['unsigned'] as const)), ...event.marks.map((mark) => `mark_${mark}` as const)];
  return (
    <span className={css.marks}>
      {risk && event.risk && <SeverityChip severity={event.risk.severity} why={event.risk.rule} />}
      {event.runId !== null && (
        <Link href={`/runs/${event.runId}`} onClick={(click) => click.stopPropagation()}>
          {t('run')}
        </Link>
      )}
      {event.terminalId !== null && (
        <Link href={`/audit/sessions/${event.terminalId}`} onClick={(click) => click.stopPropagation()}>
          {t('terminal')}
        </Link>
      )}
      {event.outside && (
        <span className={css.outside}>
          <IconExternalLink size={12} stroke={1.5} aria-hidden="true" />
          {t('outside')}
        </span>
      )}
      {event.kind === 'ended' && <span className={layout.tag}>{t('ended')}</span>}
      {event.kind === 'executed' && (
        <span className={layout.tag} title={t('kind_executed')}>
          {t('executed')}
        </span>
      )}
      {odd.map((mark) => (
        <span key={mark} className={css.outside}>
          <IconAlertTriangle size={12} stroke={1.5} aria-hidden="true" />
          {t(mark)}
        </span>
      ))}
    </span>
  );
}
