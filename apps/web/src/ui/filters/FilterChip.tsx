import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import chips from '../chips.module.css';
import { safeText } from '../safeText.ts';
import { filterTexts } from './texts.ts';

/** A condition that can be switched on and off. */
export function ToggleChip({ on, onClick, children }: { on: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className={chips.chip} aria-pressed={on} onClick={onClick}>
      {children}
    </button>
  );
}

/** A condition that holds, and goes when it is clicked. */
export function FilterChip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  const t = useTexts(filterTexts);
  return (
    <button
      type="button"
      className={chips.chip}
      aria-pressed="true"
      aria-label={t('remove', { name: `${name} ${safeText(value)}` })}
      onClick={onRemove}
    >
      {name}: {safeText(value)}
      <IconX size={12} stroke={1.5} aria-hidden="true" />
    </button>
  );
}
