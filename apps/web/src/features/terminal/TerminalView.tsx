import { ActionIcon, Button, TextInput } from '@mantine/core';
import type { Recording } from '@omanager/contract';
import { IconArrowDown, IconArrowUp, IconCopy, IconFolder, IconPlayerRecordFilled, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useAway } from '../../data/blocked.ts';
import { useChange } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { clockTime } from '../run/parts/clockTime.ts';
import { KeyBar } from './KeyBar.tsx';
import { linesOf } from './pastes.ts';
import css from './Terminal.module.css';
import { terminalTexts } from './texts.ts';
import { useTerminal } from './useTerminal.ts';

interface Props {
  recording: Recording;
  onAgain: () => void;
  /** Shows the files of the server beside it, or hides them; absent where one may not. */
  onFiles?: (() => void) | undefined;
  filesShown: boolean;
}

/** A shell on a server. In a focused terminal all keys go there, but Ctrl+Shift and a key. */
export function TerminalView({ recording, onAgain, onFiles, filesShown }: Props) {
  const t = useTexts(terminalTexts);
  const language = useLanguage();
  const { client } = useSession();
  const away = useAway(client);
  const box = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState('');
  const host = safeText(recording.host);
  const live = useTerminal(box, recording, t('title', { host }));
  const close = useChange('terminals.close', { refresh: ['terminals.list'] });
  const { state, error, pending } = live;
  const isOver = state.end !== null || error !== null;
  useLeaveGuard(!isOver);
  const find = (back: boolean) => {
    if (words === '') return;
    if (back) live.screen.current?.search.findPrevious(words);
    else live.screen.current?.search.findNext(words);
  };
  const copy = () => void navigator.clipboard?.writeText(live.screen.current?.terminal.getSelection() ?? '');
  const said = away ? t('away') : state.state === 'connecting' ? t('connecting', { host }) : t('open');
  return (
    <section className={css.page} aria-label={t('title', { host })}>
      <div className={css.head}>
        <span className={css.name}>{safeText(`${recording.login}@${recording.host}`)}</span>
        <span className={css.badge} title={t(recording.input ? 'recordedInput' : 'recordedWhy')}>
          <IconPlayerRecordFilled size={12} aria-hidden="true" />
          {t('recorded')}
        </span>
        {!isOver && (
          <span className={css.state} role="status">
            {said}
          </span>
        )}
        <span className={css.push} />
        <TextInput
          aria-label={t('find')}
          placeholder={t('find')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) find(event.shiftKey);
          }}
        />
        <ActionIcon aria-label={t('previous')} onClick={() => find(true)}>
          <IconArrowUp size={16} stroke={1.5} />
        </ActionIcon>
        <ActionIcon aria-label={t('next')} onClick={() => find(false)}>
          <IconArrowDown size={16} stroke={1.5} />
        </ActionIcon>
        <ActionIcon aria-label={t('copy')} title={t('copy')} onClick={copy}>
          <IconCopy size={16} stroke={1.5} />
        </ActionIcon>
        {onFiles && (
          <Button aria-pressed={filesShown} leftSection={<IconFolder size={16} stroke={1.5} />} onClick={onFiles}>
            {t('files')}
          </Button>
        )}
        {!isOver && (
          <Button
            leftSection={<IconX size={16} stroke={1.5} />}
            loading={close.isPending}
            onClick={() => close.mutate({ id: recording.id })}
          >
            {t('close')}
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys of the shell from the page's own */}
      <div
        ref={box}
        className={css.screen}
        onKeyDown={(event) => {
          if (!(event.ctrlKey && event.shiftKey)) event.stopPropagation();
        }}
      />
      {live.skipped > 0 && <p className={css.note}>{t('skipped', { count: live.skipped })}</p>}
      {!isOver && state.idleEndsAt !== null && (
        <div className={css.ended} role="status">
          <span>{t('idleSoon', { time: clockTime(state.idleEndsAt, language) })}</span>
          <Button onClick={live.stay}>{t('stay')}</Button>
        </div>
      )}
      {live.tooMuch && <p className={css.note}>{t('tooMuch')}</p>}
      {close.error && <ErrorNote error={close.error} />}
      {error && state.end === null && <ErrorNote error={error} onRetry={onAgain} />}
      {state.end !== null && (
        <div className={css.ended} role="status">
          <span>{t(`end_${state.end}`)}</span>
          {state.message !== null && <span className={css.state}>{safeLines(state.message)}</span>}
          <Button onClick={onAgain}>{t('again')}</Button>
        </div>
      )}
      {!isOver && <KeyBar onType={live.type} />}
      {!isOver && <p className={`${css.note} ${css.hint}`}>{t('keysOut')}</p>}
      {pending !== null && (
        <FormDialog
          free
          title={t('pasteTitle', { lines: linesOf(pending) })}
          submit={t('pasteSubmit', { host })}
          busy={false}
          error={null}
          onSubmit={() => live.answerPaste(true)}
          onClose={() => live.answerPaste(false)}
        >
          <p>{t('pasteWhy')}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long paste is scrolled by keys as well */}
          <pre className={css.pasted} tabIndex={0}>
            {safeLines(pending.slice(0, 20_000))}
          </pre>
        </FormDialog>
      )}
    </section>
  );
}

/** The page is not left by accident while a shell is open. */
function useLeaveGuard(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [active]);
}
