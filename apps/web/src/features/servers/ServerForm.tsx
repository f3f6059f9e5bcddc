import { Autocomplete, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { Host } from '@omanager/contract';
import { useState } from 'react';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import { type Complaints, changesOf, draftOf, inputOf, type ServerInput } from './draft.ts';
import { editTexts } from './editTexts.ts';
import css from './ServerForm.module.css';
import { serverTexts } from './texts.ts';
import { afterChange, useGroups } from './useGroups.ts';

interface Props {
  /** The one to change; null: a new one. */
  host: Host | null;
  onClose: () => void;
  onSaved: (name: string) => void;
}

export function ServerForm({ host, onClose, onSaved }: Props) {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const may = useMay();
  const [input, setInput] = useState(() => inputOf(host));
  const [complaints, setComplaints] = useState<Complaints>({});
  const add = useChange('hosts.add', { refresh: afterChange });
  const update = useChange('hosts.update', { refresh: afterChange });
  const zones = useAnswer('zones.list', {}).data?.items.map(({ name }) => name) ?? [];
  const environments = useAnswer('hosts.tree', {}).data?.environments.map(({ name }) => name) ?? [];
  const mayReadCredentials = may('credential.read');
  const credentials = useAnswer('credentials.list', { limit: 1000 }, { enabled: mayReadCredentials });
  const credentialNames = credentials.data?.items.map(({ name }) => name) ?? [];
  const groups = useGroups();

  const field = (name: Exclude<keyof ServerInput, 'groups'>) => ({
    value: input[name],
    error: complaints[name],
    onChange: (value: string) => setInput((now) => ({ ...now, [name]: value })),
    onBlur: () => {
      const found = draftOf(input).complaints?.[name];
      setComplaints(({ [name]: _, ...others }) => (found === undefined ? others : { ...others, [name]: found }));
    },
  });
  const text = (name: Exclude<keyof ServerInput, 'groups'>) => {
    const { onChange, ...rest } = field(name);
    return { ...rest, onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value) };
  };

  function save(): void {
    const read = draftOf(input);
    setComplaints(read.complaints ?? {});
    if (read.draft === null) return;
    const done = {
      onSuccess: (saved: Host) => {
        onSaved(saved.name);
        onClose();
      },
    };
    if (host === null) add.mutate({ host: read.draft }, done);
    else update.mutate({ name: host.name, changes: changesOf(host, read.draft) }, done);
  }

  return (
    <FormDialog
      title={host === null ? e('addTitle') : e('editTitle', { name: safeText(host.name) })}
      submit={e(host === null ? 'add' : 'save')}
      busy={add.isPending || update.isPending}
      error={add.error ?? update.error}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput label={e('name')} required data-autofocus {...text('name')} />
      <div className={css.pair}>
        <TextInput label={t('address')} placeholder={input.name} {...text('address')} />
        <TextInput label={e('port')} inputMode="numeric" {...text('port')} />
      </div>
      <TextInput label={e('user')} required {...text('user')} />
      {mayReadCredentials && (
        <Select
          label={t('credential')}
          description={e('credentialHint')}
          placeholder={t('noCredential')}
          clearable
          searchable
          limit={100}
          data={[...new Set([...credentialNames, ...(input.credential === '' ? [] : [input.credential])])]}
          value={input.credential === '' ? null : input.credential}
          error={complaints.credential}
          onChange={(value) => setInput((now) => ({ ...now, credential: value ?? '' }))}
        />
      )}
      <div className={css.even}>
        <Select
          label={t('zone')}
          data={[...new Set([...zones, input.zone])]}
          value={input.zone}
          allowDeselect={false}
          error={complaints.zone}
          onChange={(value) => setInput((now) => ({ ...now, zone: value ?? now.zone }))}
        />
        <Autocomplete
          label={t('environmentLong')}
          placeholder="default"
          data={environments}
          {...field('environment')}
        />
      </div>
      <Textarea
        label={t('labels')}
        description={e('labelsHint')}
        autosize
        minRows={2}
        maxRows={8}
        {...text('labels')}
      />
      <TagsInput
        label={t('groups')}
        description={e('groupsHint')}
        data={[...groups]}
        limit={50}
        value={input.groups}
        error={complaints.groups}
        onChange={(value) => setInput((now) => ({ ...now, groups: value }))}
      />
    </FormDialog>
  );
}
