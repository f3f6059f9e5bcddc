import type { ActivityHour } from '@omanager/contract';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import css from './Activity.module.css';
import { levelOf, short } from './share.ts';
import { activityTexts } from './texts.ts';

const weekdays = [1, 2, 3, 4, 5, 6, 7];
const hours = Array.from({ length: 24 }, (_, hour) => hour);
const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`;

/** When in the week commands are typed: a table whose cells are the darker the more there were. */
export function WeekGrid({ hours: counted }: { hours: readonly ActivityHour[] }) {
  const t = useTexts(activityTexts);
  const language = useLanguage();
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const most = Math.max(1, ...counted.map(({ inside, outside }) => inside + outside));
  // The first of January 2024 was a Monday.
  const nameOf = (weekday: number, style: 'long' | 'short') =>
    new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, weekday)));
  const at = new Map(counted.map((one) => [one.weekday * 24 + one.hour, one]));
  return (
    <figure className={css.figure} aria-label={t('byHour')}>
      <figcaption className={css.caption}>{t('byHour')}</figcaption>
      <div className={css.week}>
        <table>
          <caption>{t('byHour')}</caption>
          <thead>
            <tr>
              <th scope="col" aria-label={t('day')} />
              {hours.map((hour) => (
                <th key={hour} scope="col" aria-label={clock(hour)} data-sixth={hour % 6 === 0 || undefined}>
                  {hour}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weekdays.map((weekday) => (
              <tr key={weekday}>
                <th scope="row" aria-label={nameOf(weekday, 'long')}>
                  {nameOf(weekday, 'short')}
                </th>
                {hours.map((hour) => {
                  const { inside, outside } = at.get(weekday * 24 + hour) ?? { inside: 0, outside: 0 };
                  const count = inside + outside;
                  const where = { day: nameOf(weekday, 'long'), hour: clock(hour) };
                  return (
                    <td
                      key={hour}
                      data-level={levelOf(count, most)}
                      title={count === 0 ? undefined : t('saidHour', { ...where, inside, outside })}
                    >
                      <span>{count === 0 ? '' : short(count)}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
