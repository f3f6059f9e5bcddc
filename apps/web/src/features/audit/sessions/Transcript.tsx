import { Switch, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { Cast } from './cast.ts';
import css from './Sessions.module.css';
import { TranscriptLines } from './TranscriptLines.tsx';
import { sessionTexts } from './texts.ts';
import type { Timeline } from './timeline.ts';
import { useLineSearch } from './useLineSearch.ts';
import type { ReadTranscript } from './useTranscript.ts';

interface Props {
  cast: Cast;
  read: ReadTranscript;
  timeline: Timeline;
  position: number;
  hasCommands: boolean;
  onSeek: (position: number) => void;
}

/** What was shown, to read, to search, and to go to. */
export function Transcript({ cast, read, timeline, position, hasCommands, onSeek }: Props) {
  const t = useTexts(sessionTexts);
  const [words, setWords] = useState('');
  const [commandsOnly, setCommandsOnly] = useState(false);
  const { transcript, count, reading } = read;
  const found = useLineSearch(cast, read, words);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the transcript and what is found in it grow
  const shown = useMemo(() => {
    if (!commandsOnly)
      return found ? { count: found.count, at: found.search.hits.at } : { count, at: (index: number) => index };
    const lines = found
      ? Array.from({ length: found.count }, (_, index) => found.search.hits.at(index)).filter(transcript.isCommand)
      : transcript.commands;
    return { count: lines.length, at: (index: number) => lines[index] ?? 0 };
  }, [transcript, count, found?.search, found?.count, commandsOnly]);
  const searched = found?.share ?? null;
  return (
    <div className={css.transcript} data-reading={reading || undefined} data-searching={searched !== null || undefined}>
      <div className={css.find}>
        <TextInput
          className={css.words ?? ''}
          aria-label={t('find')}
          placeholder={t('find')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        {hasCommands && (
          <Switch
            label={t('commandsOnly')}
            checked={commandsOnly}
            onChange={(event) => setCommandsOnly(event.currentTarget.checked)}
          />
        )}
        <span className={css.hits} role="status">
          {t('hits', { count: shown.count })}
          {searched !== null && ` · ${t('searched', { share: Math.floor(searched * 100) })}`}
        </span>
      </div>
      {transcript.isCut && <p className={css.note}>{t('linesCut', { count: transcript.count })}</p>}
      <TranscriptLines {...{ transcript, shown, timeline, position, onSeek }} />
    </div>
  );
}
