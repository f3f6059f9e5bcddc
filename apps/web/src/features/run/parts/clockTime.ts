const formats = {
  en: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }),
  zh: new Intl.DateTimeFormat('zh-CN', { timeStyle: 'medium' }),
};

/** The time of day of a moment, with seconds. */
export const clockTime = (at: string | number, language: 'en' | 'zh'): string => formats[language].format(new Date(at));
