import { Modal } from '@mantine/core';
import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { useSession } from '../data/session.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { sayCommand, useKeys } from './commands.ts';
import { KeyHint } from './KeyHint.tsx';
import css from './Palette.module.css';
import { rememberRecent } from './recents.ts';
import { appTexts } from './texts.ts';
import { type Entry, usePaletteEntries } from './usePaletteEntries.ts';

/** Go to anything, or begin anything: what would run lands in the composer, where it is looked at first. */
export function Palette() {
  const [opened, setOpened] = useState<string | null>(null);
  const close = () => setOpened(null);
  const toggle = (begin: string) => setOpened((before) => (before === null ? begin : null));
  useKeys({ palette: () => toggle(''), commands: () => toggle('>'), goto: () => toggle('@') });
  useKeys({ palette: close, commands: close, goto: close }, { enabled: opened !== null, inDialog: true });
  if (opened === null) return null;
  return <PaletteBox begin={opened} onClose={close} />;
}

function PaletteBox({ begin, onClose }: { begin: string; onClose: () => void }) {
  const t = useTexts(appTexts);
  const { who, server } = useSession();
  const [, navigate] = useLocation();
  const id = useId();
  const [typed, setTyped] = useState(begin);
  const [at, setAt] = useState(0);
  const [before] = useState(() => document.activeElement);
  const entries = usePaletteEntries(typed);
  const active = Math.min(at, entries.length - 1);

  function leave(): void {
    onClose();
    if (before instanceof HTMLElement) before.focus();
  }
  function choose(entry: Entry | undefined): void {
    if (!entry) return;
    rememberRecent(`${server.address}:${who.userName}`, entry.key);
    // Where one was comes first: what is chosen may take the focus from there.
    leave();
    if (entry.path === undefined) entry.act?.();
    else navigate(entry.path);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 10, PageUp: active - 10 }[event.key];
    if (to === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (to === undefined) choose(entries[active]);
    else setAt(Math.max(0, Math.min(entries.length - 1, to)));
  }

  function type(text: string): void {
    if (text !== '?') {
      setTyped(text);
      return setAt(0);
    }
    leave();
    sayCommand('keys');
  }

  return (
    <Modal
      {...{ opened: true, onClose: leave, withCloseButton: false, returnFocus: false }}
      {...{ size: 'lg', padding: 0, yOffset: '10vh', centered: false, transitionProps: { duration: 0 } }}
    >
      <input
        data-autofocus
        className={css.input}
        role="combobox"
        aria-label={t('search')}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        placeholder={t('paletteHint')}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {entries.length === 0 && <p className={css.none}>{t('paletteNone')}</p>}
      <div id={`${id}-list`} className={css.list} role="listbox" aria-label={t('search')}>
        {entries.map((entry, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and names the active option
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={`${entry.section} ${entry.key}`}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === active}
            className={css.entry}
            data-first={entries[i - 1]?.section !== entry.section || undefined}
            ref={i === active ? (row) => void row?.scrollIntoView({ block: 'nearest' }) : null}
            onClick={() => choose(entry)}
          >
            <span className={css.title}>{entry.title}</span>
            <span className={css.kind}>{t(`section_${entry.section}`)}</span>
            {entry.hint && <KeyHint name={entry.hint} />}
          </div>
        ))}
      </div>
    </Modal>
  );
}
