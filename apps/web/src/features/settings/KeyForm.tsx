import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { isMac, strokeOf } from '../../app/keyStroke.ts';
import type { KeyName } from '../../app/keys.ts';
import { keyTexts } from '../../app/keyTexts.ts';
import { isTaken, sharedWith } from '../../app/ownKeys.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { keySettingTexts } from './keyTexts.ts';

/** These move and close, here as everywhere. */
const moves: ReadonlySet<string> = new Set(['Tab', 'Shift+Tab', 'Enter', 'Escape']);

/** Hears the new key of something. */
export function KeyForm({
  name,
  onKey,
  onClose,
}: {
  name: KeyName;
  onKey: (combo: string) => void;
  onClose: () => void;
}) {
  const t = useTexts(keySettingTexts);
  const tKeys = useTexts(keyTexts);
  const { keys: own } = usePreferences();
  const [strokes, setStrokes] = useState<readonly string[]>([]);
  const combo = strokes.join(' ');
  const taken = combo !== '' && isTaken(combo);
  const others = combo === '' ? [] : sharedWith(name, combo, window.omanager !== undefined, own);
  return (
    <FormDialog
      free
      title={t('change', { what: tKeys(name) })}
      submit={t('save')}
      disabled={taken}
      busy={false}
      error={null}
      onClose={onClose}
      onSubmit={() => onKey(combo)}
    >
      <TextInput
        data-autofocus
        readOnly
        label={t('press')}
        description={t('pressHint')}
        error={taken && t('taken')}
        value={combo}
        onKeyDown={({ nativeEvent }) => {
          if (nativeEvent.isComposing || nativeEvent.keyCode === 229) return;
          const stroke = strokeOf(nativeEvent, isMac());
          if (stroke === null || moves.has(stroke)) return;
          nativeEvent.preventDefault();
          nativeEvent.stopPropagation();
          if (stroke === 'Backspace') setStrokes([]);
          else
            setStrokes((before) => [...before, stroke.replace(/^[A-Z]$/, (letter) => letter.toLowerCase())].slice(-2));
        }}
      />
      {others.length > 0 && (
        <p role="status">{t('shared', { others: others.map((other) => tKeys(other)).join(', ') })}</p>
      )}
    </FormDialog>
  );
}
