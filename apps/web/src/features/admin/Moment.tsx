import { useLanguage } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { fullTime } from '../../ui/Time.tsx';

/** A moment to come or gone by, in the zone of this computer. */
export function Moment({ at }: { at: string }) {
  const language = useLanguage();
  const short = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(new Date(at));
  return (
    <time className={layout.mono} dateTime={at} title={fullTime(at, language)}>
      {short}
    </time>
  );
}
