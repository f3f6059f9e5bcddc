import { PasswordInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

interface Props {
  label: ReactNode;
  value: string;
  onChange(value: string): void;
  /** What a password manager is told. */
  autoComplete: 'current-password' | 'new-password';
  hint?: string;
  error?: string | null;
  autoFocus?: boolean;
}

/** A password, with what is wrong most often when it is: Caps Lock. */
export function PasswordField({ label, value, onChange, autoComplete, hint, error, autoFocus = false }: Props) {
  const t = useTexts(signInTexts);
  const [capsLock, setCapsLock] = useState(false);
  const look = (event: KeyboardEvent): void => setCapsLock(event.getModifierState('CapsLock'));
  return (
    <div>
      <PasswordInput
        {...{ label, value, autoComplete, error, 'data-autofocus': autoFocus || undefined, required: true }}
        {...(hint === undefined ? {} : { description: hint })}
        withAsterisk={false}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        leftSection={<IconLock size={16} stroke={1.5} aria-hidden="true" />}
        visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={look}
        onKeyUp={look}
        onBlur={() => setCapsLock(false)}
      />
      <p className={css.capsLock} role="status">
        {capsLock && t('capsLock')}
      </p>
    </div>
  );
}
