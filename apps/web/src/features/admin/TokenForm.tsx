import { NumberInput, Select, TextInput } from '@mantine/core';
import { nameSchema, permissionsOf, type Role, roles } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../data/secretCall.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { SecretOnce } from '../../ui/SecretOnce.tsx';
import { adminTexts } from './texts.ts';

/** Makes a token; its secret is held only by this dialog. */
export function TokenForm({ onClose }: { onClose: () => void }) {
  const t = useTexts(adminTexts);
  const { who } = useSession();
  const create = useSecretCall('tokens.create', { refresh: ['tokens.list'] });
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState<number | null>(90);
  const [secret, setSecret] = useState<string | null>(null);
  const offered = roles.filter((one) => [...permissionsOf[one]].every((held) => who.permissions.includes(held)));
  const bad = name !== '' && !nameSchema.safeParse(name).success;
  async function submit(): Promise<void> {
    if (days === null) return;
    const made = await create.call({ name, role, ttlDays: days });
    if (made) setSecret(made.secret);
  }
  if (secret !== null)
    return (
      <FormDialog
        title={t('createTokenTitle')}
        submit={t('done')}
        finished
        busy={false}
        error={null}
        onSubmit={onClose}
        onClose={onClose}
      >
        <p>{t('tokenOnce')}</p>
        <SecretOnce name={t('tokenSecret')} value={secret} />
      </FormDialog>
    );
  return (
    <FormDialog
      title={t('createTokenTitle')}
      submit={t('create')}
      disabled={name === '' || bad || days === null}
      busy={create.busy}
      error={create.error}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextInput
        label={t('name')}
        data-autofocus
        error={bad ? t('nameHint') : null}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t('role')}
        data={offered.map((one) => ({ value: one, label: t(one) }))}
        value={role}
        allowDeselect={false}
        onChange={(value) => setRole(roles.find((one) => one === value) ?? role)}
      />
      <NumberInput
        label={t('days')}
        min={1}
        max={366}
        allowDecimal={false}
        value={days ?? ''}
        onChange={(value) => setDays(typeof value === 'number' ? value : null)}
      />
    </FormDialog>
  );
}
