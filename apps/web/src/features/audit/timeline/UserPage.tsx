import { Link } from 'wouter';
import { useAnswer } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { DayBars } from '../activity/DayBars.tsx';
import { commandsAddress } from '../commands/commandQuery.ts';
import css from './Timeline.module.css';
import { Timeline } from './Timeline.tsx';
import { timelineTexts } from './texts.ts';

const days = 30;

/** All that one user did, as operator and as the account of that name on servers. */
export default function UserPage({ name }: { name: string }) {
  const t = useTexts(timelineTexts);
  const may = useMay();
  const activity = useAnswer('commands.activity', {
    ...{ user: name, days, offsetMinutes: -new Date().getTimezoneOffset() },
  });
  const typed = activity.data?.days.some(({ inside, outside }) => inside + outside > 0);
  return (
    <section className={css.user}>
      <div className={layout.bar}>
        <h1>{t('user', { name: safeText(name) })}</h1>
        <span className={layout.push} />
        {may('access.read') && <Link href="/admin/users">{t('back')}</Link>}
      </div>
      <p className={css.note}>{t('userWhy', { name: safeText(name) })}</p>
      {activity.data && typed && (
        <DayBars days={activity.data.days} hrefOf={({ day }) => commandsAddress({ user: name, from: day, to: day })} />
      )}
      <Timeline of="user" name={name} />
    </section>
  );
}
