import { SegmentedControl } from '@mantine/core';
import { IconDeviceFloppy, IconEraser } from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useKeys } from '../../app/commands.ts';
import { withKey } from '../../app/KeyHint.tsx';
import { useSaveFile } from '../../data/saveFile.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { prefer, usePreferences } from '../../preferences/preferences.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { useMyRuns } from '../inbox/MyRuns.tsx';
import { contentOf } from './content.ts';
import { JournalLines } from './JournalLines.tsx';
import { found } from './journal.ts';
import css from './OutputPanel.module.css';
import { outputTexts } from './texts.ts';
import { blockKey, useJournal } from './useJournal.ts';

const kinds = ['txt', 'html', 'csv', 'jsonl'] as const;
const nothing: ReadonlySet<string> = new Set();

/** The open panel: its lines, and what can be done with them. */
export default function JournalView({ panel }: { panel: RefObject<HTMLElement | null> }) {
  const t = useTexts(outputTexts);
  const { newestOnTop, outputColours, saveAs, saveMark } = usePreferences();
  const { runs } = useMyRuns();
  const saveFile = useSaveFile();
  const [cleared, setCleared] = useState(nothing);
  const [undo, setUndo] = useState<ReadonlySet<string> | null>(null);
  const [typed, setTyped] = useState('');
  const [hit, setHit] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const { lines, results, loading, error } = useJournal(cleared, newestOnTop);
  const hits = found(lines, typed);
  const tools = useTools();

  const clear = () => {
    if (lines.length === 0) return;
    setUndo(cleared);
    setCleared(new Set([...cleared, ...runs.map(blockKey)]));
  };
  const save = () => {
    if (lines.length === 0) return false;
    return saveFile(
      `omanager-${new Date().toISOString().slice(0, 10)}`,
      contentOf(saveAs, { title: t('title'), lines, results, mark: saveMark }),
    ).catch(() => {});
  };
  const step = (by: number) => {
    if (hits.length === 0) return false;
    return setHit((now) => (now + by + hits.length) % hits.length);
  };
  useKeys({ save, clear, find: () => field.current?.focus() }, { fallback: true });
  // With the focus in this panel its own Ctrl+L and Ctrl+F count, not those of the page above.
  useKeys(
    { save, clear, find: () => field.current?.focus(), findNext: () => step(1), findPrevious: () => step(-1) },
    { within: panel },
  );

  return (
    <div className={css.view} data-colours={outputColours}>
      {tools !== null &&
        createPortal(
          <>
            <input
              ref={field}
              className={css.find}
              type="search"
              placeholder={t('find')}
              aria-label={t('find')}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setHit(0);
              }}
              onKeyDown={(event) => {
                if (event.nativeEvent.isComposing) return;
                if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
                if (event.key === 'Escape') setTyped('');
              }}
            />
            {typed !== '' && <span role="status">{t('hits', { count: hits.length })}</span>}
            <button type="button" aria-pressed={newestOnTop} onClick={() => prefer({ newestOnTop: !newestOnTop })}>
              {t('newestOnTop')}
            </button>
            <button
              type="button"
              aria-pressed={outputColours === 'black'}
              onClick={() => prefer({ outputColours: outputColours === 'black' ? 'theme' : 'black' })}
            >
              {t('black')}
            </button>
            <SegmentedControl
              aria-label={t('save')}
              data={[...kinds]}
              value={saveAs}
              onChange={(value) => prefer({ saveAs: kinds.find((one) => one === value) ?? 'txt' })}
            />
            <button type="button" title={withKey(t('save'), 'save')} onClick={() => void save()}>
              <IconDeviceFloppy size={14} stroke={1.5} aria-hidden="true" /> {t('save')}
            </button>
            <button type="button" title={withKey(t('clear'), 'clear')} onClick={clear}>
              <IconEraser size={14} stroke={1.5} aria-hidden="true" /> {t('clear')}
            </button>
          </>,
          tools,
        )}
      {error && <ErrorNote error={error} />}
      {undo !== null && (
        <p className={css.cleared} role="status">
          {t('clearedAll')}{' '}
          <button
            type="button"
            onClick={() => {
              setCleared(undo);
              setUndo(null);
            }}
          >
            {t('undo')}
          </button>
        </p>
      )}
      {lines.length === 0 && undo === null && <p className={css.none}>{t(loading ? 'loading' : 'none')}</p>}
      <JournalLines lines={lines} newestOnTop={newestOnTop} typed={typed} at={hits[hit] ?? null} />
    </div>
  );
}

/** The place in the panel's bar that holds what can be done. */
function useTools(): HTMLElement | null {
  const [tools, setTools] = useState<HTMLElement | null>(null);
  useEffect(() => setTools(document.getElementById('output-tools')), []);
  return tools;
}
