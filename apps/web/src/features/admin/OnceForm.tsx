import { NumberInput, Select } from '@mantine/core';
import { type OmError, type Role, roles } from '@omanager/contract';
import { type ReactNode, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { SecretOnce } from '../../ui/SecretOnce.tsx';
import { adminTexts } from './texts.ts';

interface Props {
  title: string;
  submit: string;
  disabled: boolean;
  call: { busy: boolean; error: OmError | null };
  /** Makes the secret; null when that failed. */
  make: () => Promise<string | null>;
  /** What it is called, and what to do with it. */
  secret: { name: string; why: string };
  onClose: () => void;
  children: ReactNode;
}

/** A form whose answer is a secret: held only by this dialog, shown this once. */
export function OnceForm({ title, submit, disabled, call, make, secret, onClose, children }: Props) {
  const t = useTexts(adminTexts);
  const [value, setValue] = useState<string | null>(null);
  const made = value !== null;
  return (
    <FormDialog
      title={title}
      submit={made ? t('done') : submit}
      finished={made}
      disabled={disabled}
      busy={call.busy}
      error={call.error}
      onSubmit={() => (made ? onClose() : void make().then(setValue))}
      onClose={onClose}
    >
      {made ? (
        <>
          <p>{secret.why}</p>
          <SecretOnce name={secret.name} value={value} />
        </>
      ) : (
        children
      )}
    </FormDialog>
  );
}

export function RoleSelect({
  offered = roles,
  value,
  onChange,
}: {
  offered?: readonly Role[];
  value: Role;
  onChange: (role: Role) => void;
}) {
  const t = useTexts(adminTexts);
  return (
    <Select
      label={t('role')}
      data={offered.map((one) => ({ value: one, label: t(one) }))}
      value={value}
      allowDeselect={false}
      onChange={(chosen) => onChange(offered.find((one) => one === chosen) ?? value)}
    />
  );
}

/** How long something holds; null while no number is written. */
export function LifetimeInput({
  label,
  max,
  value,
  onChange,
}: {
  label: string;
  max: number;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  return (
    <NumberInput
      label={label}
      min={1}
      max={max}
      allowDecimal={false}
      value={value ?? ''}
      onChange={(typed) => onChange(typeof typed === 'number' ? typed : null)}
    />
  );
}
