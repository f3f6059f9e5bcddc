import { compressRanges } from '@omanager/contract';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import css from './Copied.module.css';
import { partTexts } from './texts.ts';

const shownMs = 4000;

export interface Copy {
  /** Puts a text onto the clipboard, and says `done` when it is there. */
  text(text: string, done: string): void;
  names(names: readonly string[]): void;
}

const CopyContext = createContext<Copy>({ text: () => {}, names: () => {} });

/** Copying by a key has no button that could say that it is done. */
export const useCopy = (): Copy => useContext(CopyContext);

/** Where it is said what was copied, for a while. */
export function CopiedNote({ children }: { children: ReactNode }) {
  const t = useTexts(partTexts);
  const [said, setSaid] = useState<{ words: string } | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), shownMs);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = useMemo((): Copy => {
    const text = (content: string, done: string) => {
      const failed = () => setSaid({ words: t('notCopied') });
      // Without a secure context there is no clipboard.
      if (!navigator.clipboard) return failed();
      navigator.clipboard.writeText(content).then(() => setSaid({ words: done }), failed);
    };
    return { text, names: (names) => text(compressRanges(names), t('namesCopied', { count: names.length })) };
  }, [t]);
  return (
    <CopyContext value={copy}>
      {children}
      <p role="status" className={css.note} data-shown={said !== null || undefined}>
        {said?.words}
      </p>
    </CopyContext>
  );
}
