/** The time of day of a moment, with seconds. */
export function clockTime(at: string | number, language: string): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { timeStyle: 'medium' }).format(new Date(at));
}
