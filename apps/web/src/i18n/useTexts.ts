import { useTranslation } from 'react-i18next';
import type { Language, Texts } from './i18n.ts';

type Plain<K> = K extends `${infer Base}_one` ? Base : K extends `${infer Base}_other` ? Base : K;
export type Translate<T> = (key: Plain<keyof T & string>, values?: Record<string, string | number>) => string;

/** The texts of one part, in the language of now. */
export function useTexts<T extends Record<string, string>>(texts: Texts<T>): Translate<T> {
  const { t } = useTranslation(texts.namespace);
  return (key, values) => {
    const name: string = key;
    return t(name, { ...values });
  };
}

/** A title that the server gives in both languages. */
export function useTitle(): (title: { en: string; zh: string }) => string {
  const { i18n } = useTranslation();
  return (title) => title[languageOf(i18n.language)];
}

/** The language of now: 'en' or 'zh'. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return languageOf(i18n.language);
}

const languageOf = (tag: string): Language => (tag.startsWith('zh') ? 'zh' : 'en');
