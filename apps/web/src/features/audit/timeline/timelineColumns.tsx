import type { TimelineItem } from '@omanager/contract';
import {
  IconAlertTriangle,
  IconBell,
  IconListDetails,
  IconShieldCheck,
  IconTerminal,
  IconTerminal2,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useLanguage, useTexts, useTitle } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import type { Column } from '../../../ui/VirtualTable.tsx';
import { momentOf } from '../moment.ts';
import { Where, Who } from './Beside.tsx';
import { Result } from './Result.tsx';
import css from './Timeline.module.css';
import { timelineTexts } from './texts.ts';
import type { TimelineRow } from './timelineRows.ts';

const kindIcons: Readonly<Record<TimelineItem['kind'], TablerIcon>> = {
  command: IconTerminal,
  gap: IconAlertTriangle,
  run: IconListDetails,
  action: IconShieldCheck,
  session: IconTerminal2,
  alert: IconBell,
};
const longest = 400;

/** Of a server, who did it is said; of a user, where. */
export function useTimelineColumns(of: 'host' | 'user'): readonly Column<TimelineRow>[] {
  const t = useTexts(timelineTexts);
  const language = useLanguage();
  const cell = (show: (item: TimelineItem) => ReactNode) => (row: TimelineRow) =>
    row.kind === 'day' ? null : show(row);
  return [
    {
      key: 'time',
      title: t('time'),
      width: '66px',
      cell: cell(({ at }) => (
        <time className={layout.mono} dateTime={at} title={fullTime(at, language)}>
          {momentOf(at).slice(6)}
        </time>
      )),
    },
    { key: 'kind', title: t('kind'), width: '96px', cell: cell((item) => <Kind item={item} />) },
    { key: 'what', title: t('what'), width: 'minmax(220px, 3fr)', cell: cell((item) => <What item={item} />) },
    {
      key: 'beside',
      title: t(of === 'host' ? 'who' : 'where'),
      width: 'minmax(90px, 1fr)',
      cell: cell((item) => (of === 'host' ? <Who item={item} /> : <Where item={item} />)),
    },
    { key: 'result', title: t('result'), width: 'minmax(150px, 1.2fr)', cell: cell((item) => <Result item={item} />) },
  ];
}

function Kind({ item }: { item: TimelineItem }) {
  const t = useTexts(timelineTexts);
  const Icon = kindIcons[item.kind];
  return (
    <span className={css.kind} data-kind={item.kind}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      {t(item.kind)}
    </span>
  );
}

function What({ item }: { item: TimelineItem }) {
  const title = useTitle();
  switch (item.kind) {
    case 'command':
    case 'gap':
      return <code className={css.code}>{safeText(item.command.text.slice(0, longest))}</code>;
    case 'run':
      return (
        <Link href={`/runs/${item.run.id}`} onClick={(click) => click.stopPropagation()}>
          #{item.run.number} {safeText(title(item.run.module.title))}
        </Link>
      );
    case 'action':
      return (
        <span className={layout.mono}>
          {safeText(item.action.action)}{' '}
          {item.action.object !== null && <span className={layout.muted}>{safeText(item.action.object)}</span>}
        </span>
      );
    case 'session':
      return (
        <Link href={`/audit/sessions/${item.session.id}`} onClick={(click) => click.stopPropagation()}>
          {safeText(`${item.session.login}@${item.session.host}`)}
        </Link>
      );
    case 'alert':
      return (
        <>
          {safeText(item.alert.ruleName)}{' '}
          <code className={`${css.code} ${layout.muted}`}>
            {safeText((item.alert.command ?? '').slice(0, longest))}
          </code>
        </>
      );
  }
}
