import type { CommandEvent } from '@omanager/contract';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { clockOf, fullTime } from '../../../ui/Time.tsx';
import { momentOf } from '../moment.ts';
import css from './Commands.module.css';
import { silenceOf } from './commandRows.ts';
import { reasonOf } from './reasons.ts';
import { commandTexts } from './texts.ts';

/** A row that is no command: where data is missing, and what else the audit has to say about a server. */
export function Gap({ event }: { event: CommandEvent }) {
  const t = useTexts(commandTexts);
  const language = useLanguage();
  const Icon = event.kind === 'started' ? IconInfoCircle : IconAlertTriangle;
  const silence = silenceOf(event);
  const reason = reasonOf(event);
  return (
    <div className={css.gap} data-kind={event.kind}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <time className={layout.mono} dateTime={event.at} title={fullTime(event.at, language)}>
        {momentOf(event.at)}
      </time>
      <b>
        <GapTitle event={event} />
      </b>
      <span className={layout.mono}>{safeText(event.hostName)}</span>
      {silence === null && event.text !== '' && (
        <span className={css.why}>{reason ? t(reason.key, reason.values) : safeText(event.text)}</span>
      )}
      {silence?.until && (
        <span className={css.why}>{clockOf(Date.parse(silence.until) - Date.parse(silence.since))}</span>
      )}
      {!event.signed && <span className={css.warn}>{t('unsigned')}</span>}
    </div>
  );
}

function GapTitle({ event }: { event: CommandEvent }) {
  const t = useTexts(commandTexts);
  const silence = silenceOf(event);
  if (silence?.until) return t('noData', { from: momentOf(silence.since), to: hours(silence.since, silence.until) });
  if (silence) return t('noDataSince', { from: momentOf(silence.since) });
  switch (event.kind) {
    case 'gap':
    case 'silence':
    case 'resumed':
    case 'dropped':
    case 'clock':
    case 'started':
      return t(`kind_${event.kind}`);
    case 'command':
    case 'ended':
    case 'executed':
      return null;
  }
}

/** Of the end only the hours, when it is the same day. */
function hours(since: string, until: string): string {
  const [day, time = ''] = momentOf(until).split(' ');
  return momentOf(since).startsWith(day ?? '') ? time : momentOf(until);
}
