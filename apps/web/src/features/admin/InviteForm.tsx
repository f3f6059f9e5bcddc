import { Autocomplete, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { type Role, roles, type User, userNameSchema } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../data/secretCall.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { SecretOnce } from '../../ui/SecretOnce.tsx';
import { adminTexts } from './texts.ts';

/** Makes an invite; its link is held only by this dialog. */
export function InviteForm({ users, onClose }: { users: readonly User[]; onClose: () => void }) {
  const t = useTexts(adminTexts);
  const create = useSecretCall('invites.create', { refresh: ['invites.list'] });
  const [forNew, setForNew] = useState(true);
  const [role, setRole] = useState<Role>('operator');
  const [userName, setUserName] = useState('');
  const [minutes, setMinutes] = useState<number | null>(60);
  const [link, setLink] = useState<string | null>(null);
  const ready = minutes !== null && (forNew || userNameSchema.safeParse(userName).success);
  async function submit(): Promise<void> {
    if (minutes === null) return;
    const whom = forNew ? { role } : { userName, role: users.find(({ name }) => name === userName)?.role ?? role };
    const made = await create.call({ ...whom, ttlMinutes: minutes });
    if (made) setLink(made.link);
  }
  if (link !== null)
    return (
      <FormDialog
        title={t('inviteTitle')}
        submit={t('done')}
        finished
        busy={false}
        error={null}
        onSubmit={onClose}
        onClose={onClose}
      >
        <p>{t('inviteOnce')}</p>
        <SecretOnce name={t('inviteLink')} value={link} />
      </FormDialog>
    );
  return (
    <FormDialog
      title={t('inviteTitle')}
      submit={t('makeInvite')}
      disabled={!ready}
      busy={create.busy}
      error={create.error}
      onSubmit={() => void submit()}
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
        <Select
          label={t('role')}
          data={roles.map((one) => ({ value: one, label: t(one) }))}
          value={role}
          allowDeselect={false}
          onChange={(value) => setRole(roles.find((one) => one === value) ?? role)}
        />
      ) : (
        <Autocomplete
          label={t('userName')}
          data={users.filter(({ disabled }) => !disabled).map(({ name }) => name)}
          limit={50}
          value={userName}
          onChange={setUserName}
        />
      )}
      <NumberInput
        label={t('minutes')}
        min={1}
        max={60}
        allowDecimal={false}
        value={minutes ?? ''}
        onChange={(value) => setMinutes(typeof value === 'number' ? value : null)}
      />
    </FormDialog>
  );
}
