import { Select, TextInput } from '@mantine/core';
import { nameSchema, workerKeySchema } from '@omanager/contract';
import { useState } from 'react';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { adminTexts } from './texts.ts';

/** Admits a worker by its public key. */
export function WorkerForm({ onClose }: { onClose: () => void }) {
  const t = useTexts(adminTexts);
  const zones = useAnswer('zones.list', {});
  const add = useChange('workers.add', { refresh: ['workers.list'] });
  const [name, setName] = useState('');
  const [zone, setZone] = useState<string | null>(null);
  const [publicKey, setPublicKey] = useState('');
  const badName = name !== '' && !nameSchema.safeParse(name).success;
  const goodKey = workerKeySchema.safeParse(publicKey).success;
  return (
    <FormDialog
      title={t('addWorkerTitle')}
      submit={t('add')}
      disabled={name === '' || badName || zone === null || !goodKey}
      busy={add.isPending}
      error={add.error ?? zones.error}
      onSubmit={() => {
        if (zone !== null) add.mutate({ name, zone, publicKey }, { onSuccess: onClose });
      }}
      onClose={onClose}
    >
      <p>{t('addWorkerWhy')}</p>
      <TextInput
        label={t('name')}
        data-autofocus
        error={badName ? t('nameHint') : null}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t('zone')}
        data={(zones.data?.items ?? []).map((one) => one.name)}
        searchable
        value={zone}
        onChange={setZone}
      />
      <TextInput
        label={t('publicKey')}
        autoComplete="off"
        spellCheck={false}
        value={publicKey}
        onChange={(event) => setPublicKey(event.currentTarget.value.trim())}
      />
    </FormDialog>
  );
}
