import type { TimelineItem } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { clockOf } from '../../../ui/Time.tsx';
import { Marks } from '../commands/commandColumns.tsx';
import { Outcome } from '../Outcome.tsx';
import css from './Timeline.module.css';
import { timelineTexts } from './texts.ts';

/** What became of it. */
export function Result({ item }: { item: TimelineItem }) {
  const t = useTexts(timelineTexts);
  switch (item.kind) {
    case 'command': {
      const { exit } = item.command;
      return (
        <span className={css.result}>
          {exit !== null && <span className={exit === 0 ? layout.muted : css.failed}>{t('exit', { code: exit })}</span>}
          <Marks event={item.command} />
        </span>
      );
    }
    case 'gap':
      return null;
    case 'run':
      return <StateLabel state={item.run.hostState ?? item.run.state} />;
    case 'action':
      return <Outcome outcome={item.action.outcome} />;
    case 'session': {
      const { startedAt, endedAt } = item.session;
      if (endedAt === null) return t('openNow');
      return t('lasted', { time: clockOf(Date.parse(endedAt) - Date.parse(startedAt)) });
    }
    case 'alert': {
      const { severity, count, acknowledgedAt } = item.alert;
      return (
        <span className={css.result}>
          <SeverityChip severity={severity} />
          {count > 1 && <span className={layout.muted}>{t('times', { count })}</span>}
          {acknowledgedAt !== null && <span className={layout.muted}>{t('acknowledged')}</span>}
        </span>
      );
    }
  }
}
