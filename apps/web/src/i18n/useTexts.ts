import { useSyncExternalStore } from 'react';
import { i18n, type Language, type Texts } from './i18n.ts';

type Plain<K> = K extends `${infer Base}_one` ? Base : K extends `${infer Base}_other` ? Base : K;
export type Translate<T> = (key: Plain<keyof T & string>, values?: Record<string, string | number>) => string;

/** The texts of one part, in the language of now. */
export function useTexts<T extends Record<string, string>>(texts: Texts<T>): Translate<T> {
  const language = useSyncExternalStore(onLanguage, languageTag);
  return translatorOf(language, texts.namespace);
}

/** A title that the server gives in both languages. */
export function useTitle(): (title: { en: string; zh: string }) => string {
  const language = useLanguage();
  return (title) => title[language];
}

/** The language of now: 'en' or 'zh'. */
export function useLanguage(): Language {
  return languageOf(useSyncExternalStore(onLanguage, languageTag));
}

export type Title = Readonly<Record<Language, string>>;

/** A text in both languages, for what is kept while the language may change. Values may differ by language, too. */
export function titleOf<T extends Record<string, string>>(
  texts: Texts<T>,
  key: Plain<keyof T & string>,
  values: Readonly<Record<string, string | number | Title>> = {},
): Title {
  const said = (language: Language) =>
    translatorOf(language, texts.namespace)(
      key,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value[language] : value]),
      ),
    );
  return { en: said('en'), zh: said('zh') };
}

type Translator = (key: string, values?: Record<string, string | number>) => string;
/** One for each part and language: a row of a table has several, and thousands of rows pass by. */
const translators = new Map<string, Translator>();

function translatorOf(language: string, namespace: string): Translator {
  const name = `${language} ${namespace}`;
  const known = translators.get(name);
  if (known) return known;
  const t = i18n.getFixedT(language, namespace);
  // The library writes into what it is given.
  const made: Translator = (key, values) => (values === undefined ? t(key) : t(key, { ...values }));
  translators.set(name, made);
  return made;
}

function onLanguage(listener: () => void): () => void {
  i18n.on('languageChanged', listener);
  return () => i18n.off('languageChanged', listener);
}

const languageTag = (): string => i18n.language;
const languageOf = (tag: string): Language => (tag.startsWith('zh') ? 'zh' : 'en');
