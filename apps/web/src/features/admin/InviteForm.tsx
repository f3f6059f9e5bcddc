import { Autocomplete, SegmentedControl } from '@mantine/core';
import { type Role, userNameSchema } from '@omanager/contract';
import { useState } from 'react';
import { useAnswer } from '../../data/calls.ts';
import { useSecretCall } from '../../data/secretCall.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { LifetimeInput, OnceForm, RoleSelect } from './OnceForm.tsx';
import { adminTexts } from './texts.ts';

/** Makes an invite: for somebody new, or for a new device or password of a known user. */
export function InviteForm({ onClose }: { onClose: () => void }) {
  const t = useTexts(adminTexts);
  const create = useSecretCall('invites.create', { refresh: ['invites.list'] });
  const [forNew, setForNew] = useState(true);
  const [role, setRole] = useState<Role>('operator');
  const [userName, setUserName] = useState('');
  const [minutes, setMinutes] = useState<number | null>(60);
  const known = useAnswer('users.list', { limit: 1000 }, { enabled: !forNew });
  const users = (known.data?.items ?? []).filter(({ disabled }) => !disabled);
  async function make(): Promise<string | null> {
    if (minutes === null) return null;
    const whom = forNew ? { role } : { userName, role: users.find(({ name }) => name === userName)?.role ?? role };
    return (await create.call({ ...whom, ttlMinutes: minutes }))?.link ?? null;
  }
  return (
    <OnceForm
      title={t('inviteTitle')}
      submit={t('makeInvite')}
      disabled={minutes === null || !(forNew || userNameSchema.safeParse(userName).success)}
      call={create}
      make={make}
      secret={{ name: t('inviteLink'), why: t('inviteOnce') }}
      onClose={onClose}
    >
      <SegmentedControl
        aria-label={t('inviteWhom')}
        fullWidth
        data={[
          { value: 'new', label: t('newUser') },
          { value: 'known', label: t('knownUser') },
        ]}
        value={forNew ? 'new' : 'known'}
        onChange={(value) => setForNew(value === 'new')}
      />
      {forNew ? (
        <RoleSelect value={role} onChange={setRole} />
      ) : (
        <Autocomplete
          label={t('userName')}
          description={t('knownUserWhy')}
          data={users.map(({ name }) => name)}
          limit={50}
          value={userName}
          onChange={setUserName}
        />
      )}
      <LifetimeInput label={t('minutes')} max={60} value={minutes} onChange={setMinutes} />
    </OnceForm>
  );
}
