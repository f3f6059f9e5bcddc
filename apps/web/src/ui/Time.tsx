import { useLanguage, useTexts } from '../i18n/useTexts.ts';
import { useNow } from './now.ts';
import { uiTexts } from './texts.ts';

/** How long ago something was, with the moment itself and its time zone as the title. */
export function Ago({ at }: { at: string }) {
  const t = useTexts(uiTexts);
  const language = useLanguage();
  const now = useNow(30_000);
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  const [unit, count] =
    seconds < 60
      ? (['secondsAgo', seconds] as const)
      : seconds < 3600
        ? (['minutesAgo', Math.floor(seconds / 60)] as const)
        : seconds < 86_400
          ? (['hoursAgo', Math.floor(seconds / 3600)] as const)
          : (['daysAgo', Math.floor(seconds / 86_400)] as const);
  return (
    <time dateTime={at} title={fullTime(at, language)}>
      {seconds < 10 ? t('now') : t(unit, { count })}
    </time>
  );
}

const full = { dateStyle: 'medium', timeStyle: 'long' } as const;
/** Making one costs as much as drawing a row of a table. */
const formats = { en: new Intl.DateTimeFormat('en-GB', full), zh: new Intl.DateTimeFormat('zh-CN', full) };

/** A moment with date, seconds and time zone, as people of that language write it. */
export function fullTime(at: string, language: string): string {
  return formats[language === 'zh' ? 'zh' : 'en'].format(new Date(at));
}

/** A duration as 03:20, or 1:03:20. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}
