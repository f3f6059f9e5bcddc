import { TextInput } from '@mantine/core';
import { nameSchema, permissionsOf, type Role, roles } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../data/secretCall.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { LifetimeInput, OnceForm, RoleSelect } from './OnceForm.tsx';
import { adminTexts } from './texts.ts';

/** Makes a token for a program, with no more power than one has oneself. */
export function TokenForm({ onClose }: { onClose: () => void }) {
  const t = useTexts(adminTexts);
  const { who } = useSession();
  const create = useSecretCall('tokens.create', { refresh: ['tokens.list'] });
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState<number | null>(90);
  const offered = roles.filter((one) => [...permissionsOf[one]].every((held) => who.permissions.includes(held)));
  const bad = name !== '' && !nameSchema.safeParse(name).success;
  async function make(): Promise<string | null> {
    if (days === null) return null;
    return (await create.call({ name, role, ttlDays: days }))?.secret ?? null;
  }
  return (
    <OnceForm
      title={t('createTokenTitle')}
      submit={t('create')}
      disabled={name === '' || bad || days === null}
      call={create}
      make={make}
      secret={{ name: t('tokenSecret'), why: t('tokenOnce') }}
      onClose={onClose}
    >
      <TextInput
        label={t('name')}
        data-autofocus
        error={bad ? t('nameHint') : null}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleSelect offered={offered} value={role} onChange={setRole} />
      <LifetimeInput label={t('days')} max={366} value={days} onChange={setDays} />
    </OnceForm>
  );
}
