import { NumberInput, SegmentedControl, TagsInput, TextInput } from '@mantine/core';
import { nameSchema, type Zone, type ZoneDraft } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import { editTexts } from './editTexts.ts';
import { afterChange } from './useGroups.ts';

const empty: ZoneDraft = { name: '', title: '', jumpHosts: [], hostKeyPolicy: 'ask', reach: 'server', parallel: null };

export function ZoneForm({ zone, onClose }: { zone: Zone | null; onClose: () => void }) {
  const e = useTexts(editTexts);
  const save = useChange('zones.save', { refresh: afterChange });
  const [draft, setDraft] = useState<ZoneDraft>(zone ?? empty);
  const change = (more: Partial<ZoneDraft>) => setDraft((now) => ({ ...now, ...more }));
  const { name, title, jumpHosts, hostKeyPolicy, reach, parallel } = draft;
  return (
    <FormDialog
      title={zone === null ? e('addZone') : e('editZone', { name: safeText(zone.name) })}
      submit={e(zone === null ? 'add' : 'save')}
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
          label={e('name')}
          required
          data-autofocus
          value={name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
      )}
      <TextInput
        label={e('zoneTitle')}
        value={title}
        maxLength={200}
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <SegmentedControl
        aria-label={e('reach')}
        fullWidth
        data={[
          { value: 'server', label: e('reachServer') },
          { value: 'worker', label: e('reachWorker') },
        ]}
        value={reach}
        onChange={(value) => change({ reach: value === 'worker' ? 'worker' : 'server' })}
      />
      <TagsInput
        label={e('jumpHosts')}
        description={e('jumpHint')}
        maxTags={4}
        value={jumpHosts}
        onChange={(value) => change({ jumpHosts: value })}
      />
      <SegmentedControl
        aria-label={e('policy')}
        fullWidth
        data={[
          { value: 'ask', label: `${e('policy')}: ${e('policyAsk')}` },
          { value: 'accept', label: e('policyAccept') },
        ]}
        value={hostKeyPolicy}
        onChange={(value) => change({ hostKeyPolicy: value === 'accept' ? 'accept' : 'ask' })}
      />
      <NumberInput
        label={e('parallel')}
        placeholder={e('noLimit')}
        min={1}
        max={100_000}
        allowDecimal={false}
        value={parallel ?? ''}
        onChange={(value) => change({ parallel: typeof value === 'number' ? value : null })}
      />
    </FormDialog>
  );
}
