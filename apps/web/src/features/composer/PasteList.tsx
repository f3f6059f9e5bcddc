import { Button, Modal, Textarea } from '@mantine/core';
import { compressRanges, expandRanges, hostNameSchema, type OmError } from '@omanager/contract';
import { useEffect, useRef, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import type { Selection } from '../servers/selection.ts';
import css from './Composer.module.css';
import { readNames } from './pastedNames.ts';
import { composerTexts } from './texts.ts';

interface Looked {
  known: readonly string[];
  unknown: readonly string[];
  duplicates: readonly string[];
}

const page = 1000;

/** A list from elsewhere: what is known of it, what is not, and what stands there twice, before any of it is chosen. */
export function PasteList({ onClose, onUse }: { onClose: () => void; onUse: (selection: Selection) => void }) {
  const t = useTexts(composerTexts);
  const { client } = useSession();
  const [text, setText] = useState('');
  const [looked, setLooked] = useState<Looked | null>(null);
  const [error, setError] = useState<OmError | null>(null);

  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);

  async function look(): Promise<void> {
    const { signal } = stop.current;
    setError(null);
    try {
      const { names, duplicates } = readNames(text, expandRanges);
      const known: string[] = [];
      const bad = names.filter((name) => !hostNameSchema.safeParse(name).success);
      const asNames = names.filter((name) => !bad.includes(name));
      for (let cursor: string | undefined; asNames.length > 0; ) {
        const asked = { selector: compressRanges(asNames), limit: page, ...(cursor ? { cursor } : {}) };
        const found = await client.call('hosts.list', asked, { signal });
        known.push(...found.items.map(({ name }) => name));
        if (found.next === undefined) break;
        cursor = found.next;
      }
      const there = new Set(known);
      setLooked({ known, unknown: names.filter((name) => !there.has(name)), duplicates });
    } catch (cause) {
      if (!signal.aborted) setError(asOmError(cause));
    }
  }

  return (
    <Modal opened onClose={onClose} title={t('pasteTitle')} size="lg">
      <Textarea
        data-autofocus
        aria-label={t('pasteTitle')}
        description={t('pasteHint')}
        autosize
        minRows={8}
        maxRows={16}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setLooked(null);
        }}
      />
      {error && <ErrorNote error={error} />}
      {looked && looked.unknown.length > 0 && (
        <p className={css.wrong}>{t('pasteUnknown', { names: safeText(looked.unknown.join(' ')) })}</p>
      )}
      {looked && looked.duplicates.length > 0 && (
        <p className={css.hint}>{t('pasteDuplicate', { names: safeText(looked.duplicates.join(' ')) })}</p>
      )}
      <div className={css.actions}>
        {looked && looked.known.length > 0 ? (
          <Button
            variant="filled"
            onClick={() => {
              onUse({ kind: 'names', names: new Set(looked.known), anchor: null });
              onClose();
            }}
          >
            {t('pasteUse', { count: looked.known.length })}
          </Button>
        ) : (
          <Button variant="filled" disabled={text.trim() === ''} onClick={() => void look()}>
            {t('pasteLook')}
          </Button>
        )}
      </div>
    </Modal>
  );
}
