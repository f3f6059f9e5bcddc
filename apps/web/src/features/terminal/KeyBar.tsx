import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './Terminal.module.css';
import { terminalTexts } from './texts.ts';

const keys = [
  ['Esc', '\u001b'],
  ['Tab', '\t'],
  ['↑', '\u001b[A'],
  ['↓', '\u001b[B'],
  ['←', '\u001b[D'],
  ['→', '\u001b[C'],
] as const;
const controls = ['C', 'D', 'Z', 'L', 'R', 'U', 'W'] as const;

/** Keys that a phone has not, and those that a browser keeps for itself. */
export function KeyBar({ onType }: { onType: (text: string) => void }) {
  const t = useTexts(terminalTexts);
  const [control, setControl] = useState(false);
  return (
    <div className={css.keys} role="toolbar" aria-label={t('keyBar')}>
      {keys.map(([name, code]) => (
        <Button key={name} onClick={() => onType(code)}>
          {name}
        </Button>
      ))}
      <Button aria-pressed={control} variant={control ? 'filled' : 'default'} onClick={() => setControl(!control)}>
        Ctrl
      </Button>
      {control &&
        controls.map((name) => (
          <Button
            key={name}
            onClick={() => {
              onType(String.fromCharCode(name.charCodeAt(0) - 64));
              setControl(false);
            }}
          >
            {`Ctrl+${name}`}
          </Button>
        ))}
    </div>
  );
}
