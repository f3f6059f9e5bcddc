import type { ActivityDay } from '@omanager/contract';
import { Link } from 'wouter';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import css from './Activity.module.css';
import { outsidePercent, sumOf } from './share.ts';
import { activityTexts } from './texts.ts';

const height = 64;
const width = 20;

interface Props {
  days: readonly ActivityDay[];
  /** Where the commands of a day are. */
  hrefOf: (day: ActivityDay) => string;
}

/** Commands of each day, those outside OManager on top; the same as a table for who does not see bars. */
export function DayBars({ days, hrefOf }: Props) {
  const t = useTexts(activityTexts);
  const language = useLanguage();
  const most = Math.max(1, ...days.map(({ inside, outside }) => inside + outside));
  const sum = sumOf(days);
  const total = sum.inside + sum.outside;
  const date = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    ...{ weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' },
  } as const);
  const said = (day: ActivityDay) => t('saidDay', { ...day, day: date.format(new Date(day.day)) });
  return (
    <figure className={css.figure} aria-label={t('byDay')}>
      <figcaption className={css.caption}>
        {t('byDay')}
        <b>{t('total', { count: total })}</b>
        <span className={css.legend}>
          <i data-part="outside" aria-hidden="true" />
          {t('outsideShare', { percent: outsidePercent(sum) })}
        </span>
        <span className={css.legend}>
          <i data-part="inside" aria-hidden="true" />
          {t('inside')}
        </span>
      </figcaption>
      <div className={css.bars}>
        {days.map((day) => (
          <Link key={day.day} href={hrefOf(day)} className={css.bar ?? ''} aria-label={said(day)} title={said(day)}>
            <svg
              viewBox={`0 0 ${width} ${height + 2}`}
              preserveAspectRatio="none"
              height={height + 2}
              aria-hidden="true"
            >
              <rect data-part="floor" x={0} y={height + 1} width={width} height={1} />
              <Parts {...day} most={most} />
            </svg>
          </Link>
        ))}
      </div>
      <details className={css.asTable}>
        <summary>{t('asTable')}</summary>
        <table>
          <caption>{t('byDay')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('day')}</th>
              <th scope="col">{t('inside')}</th>
              <th scope="col">{t('outside')}</th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.day}>
                <th scope="row">
                  <Link href={hrefOf(day)}>{day.day}</Link>
                </th>
                <td>{day.inside.toLocaleString()}</td>
                <td>{day.outside.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** Whatever there is can be seen. */
function Parts({ inside, outside, most }: { inside: number; outside: number; most: number }) {
  const part = (count: number) => (count === 0 ? 0 : Math.max(2, (height * count) / most));
  const [low, high] = [part(inside), part(outside)];
  return (
    <>
      <rect data-part="inside" x={2} y={height - low} width={width - 4} height={low} />
      <rect data-part="outside" x={2} y={Math.max(0, height - low - high)} width={width - 4} height={high} />
    </>
  );
}
