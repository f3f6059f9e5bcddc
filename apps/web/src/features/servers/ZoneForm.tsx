import { NumberInput, SegmentedControl, TagsInput, TextInput } from '@mantine/core';
import { nameSchema, type Zone, type ZoneDraft } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { FormDialog } from './FormDialog.tsx';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';

const empty: ZoneDraft = { name: '', title: '', jumpHosts: [], hostKeyPolicy: 'ask', reach: 'server', parallel: null };

export function ZoneForm({ zone, onClose }: { zone: Zone | null; onClose: () => void }) {
  const t = useTexts(serverTexts);
  const save = useChange('zones.save', { refresh: afterChange });
  const [draft, setDraft] = useState<ZoneDraft>(zone ?? empty);
  const change = (more: Partial<ZoneDraft>) => setDraft((now) => ({ ...now, ...more }));
  const { name, title, jumpHosts, hostKeyPolicy, reach, parallel } = draft;
  return (
    <FormDialog
      title={zone === null ? t('addZone') : t('editZone', { name: safeText(zone.name) })}
      submit={t(zone === null ? 'add' : 'save')}
      disabled={!nameSchema.safeParse(name).success}
      busy={save.isPending}
      error={save.error}
      onSubmit={() =>
        save.mutate({ zone: { name, title, jumpHosts, hostKeyPolicy, reach, parallel } }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      {zone === null && (
        <TextInput
          label={t('name')}
          required
          data-autofocus
          value={name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
      )}
      <TextInput
        label={t('zoneTitle')}
        value={title}
        maxLength={200}
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <SegmentedControl
        aria-label={t('reach')}
        fullWidth
        data={[
          { value: 'server', label: t('reachServer') },
          { value: 'worker', label: t('reachWorker') },
        ]}
        value={reach}
        onChange={(value) => change({ reach: value === 'worker' ? 'worker' : 'server' })}
      />
      <TagsInput
        label={t('jumpHosts')}
        description={t('jumpHint')}
        maxTags={4}
        value={jumpHosts}
        onChange={(value) => change({ jumpHosts: value })}
      />
      <SegmentedControl
        aria-label={t('policy')}
        fullWidth
        data={[
          { value: 'ask', label: `${t('policy')}: ${t('policyAsk')}` },
          { value: 'accept', label: t('policyAccept') },
        ]}
        value={hostKeyPolicy}
        onChange={(value) => change({ hostKeyPolicy: value === 'accept' ? 'accept' : 'ask' })}
      />
      <NumberInput
        label={t('parallel')}
        placeholder={t('noLimit')}
        min={1}
        max={100_000}
        allowDecimal={false}
        value={parallel ?? ''}
        onChange={(value) => change({ parallel: typeof value === 'number' ? value : null })}
      />
    </FormDialog>
  );
}
