import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/**
 * The texts of one part of the client. Chinese has the keys of English, by type. Plurals are `key_one` and `key_other`
 * (Chinese says the same in both); values stand as `{{name}}`.
 */
export interface Texts<T extends Record<string, string>> {
  readonly namespace: string;
  readonly en: T;
}

export const i18n = i18next.createInstance();
const ready = i18n.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: false,
  resources: {},
  // React escapes what it shows.
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
  initAsync: false,
});
ready.catch(() => {});

/** Registers the texts of one part, under a name of its own. */
export function defineTexts<T extends Record<string, string>>(
  namespace: string,
  { en, zh }: { en: T; zh: { [K in keyof T]: string } },
): Texts<T> {
  i18n.addResourceBundle('en', namespace, en);
  i18n.addResourceBundle('zh', namespace, zh);
  return { namespace, en };
}
