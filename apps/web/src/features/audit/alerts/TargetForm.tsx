import { Checkbox, Input, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { type AlertTarget, alertSeverities, alertTargetKinds } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../../data/secretCall.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { MailFields } from './MailFields.tsx';
import { changedTarget, draftOf, isReady, newTarget, secretWanted, type TargetDraft } from './targetDraft.ts';
import { alertTexts } from './texts.ts';

const refresh = { refresh: ['alertTargets.list'] } as const;

/** Where alerts are sent to. Address and secret are forgotten as soon as they were sent, whatever became of them. */
export function TargetForm({ target, onClose }: { target: AlertTarget | null; onClose: () => void }) {
  const t = useTexts(alertTexts);
  const tUi = useTexts(uiTexts);
  const add = useSecretCall('alertTargets.add', refresh);
  const update = useSecretCall('alertTargets.update', refresh);
  const [draft, setDraft] = useState(() => draftOf(target));
  const set = (more: Partial<TargetDraft>) => setDraft((now) => ({ ...now, ...more }));
  const { name, kind, url, secret, least, withCommand, enabled } = draft;
  const isMail = kind === 'email';
  const wanted = secretWanted(target, draft);
  async function submit(): Promise<void> {
    set({ url: '', secret: '' });
    const done =
      target === null
        ? await add.call({ target: newTarget(draft) })
        : await update.call({ id: target.id, target: changedTarget(target, draft) });
    if (done) onClose();
  }
  return (
    <FormDialog
      title={target === null ? t('addTarget') : t('editTarget', { name: safeText(target.name) })}
      submit={target === null ? t('addTarget') : t('save')}
      disabled={!isReady(target, draft)}
      busy={add.busy || update.busy}
      error={add.error ?? update.error}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextInput
        label={t('name')}
        data-autofocus
        maxLength={100}
        value={name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Select
        label={t('kind')}
        data={alertTargetKinds.map((value) => ({ value, label: t(`kind_${value}`) }))}
        allowDeselect={false}
        disabled={target !== null}
        value={kind}
        onChange={(value) => set({ kind: alertTargetKinds.find((one) => one === value) ?? kind })}
      />
      <PasswordInput
        label={t('url')}
        description={[...(isMail ? [t('mailUrlHint')] : []), t('urlHint'), ...(target ? [t('urlKept')] : [])].join(' ')}
        placeholder={target?.origin ?? (isMail ? 'smtps://' : 'https://')}
        autoComplete="off"
        maxLength={1000}
        value={url}
        onChange={(event) => set({ url: event.currentTarget.value })}
      />
      {isMail && <MailFields draft={draft} set={set} />}
      <PasswordInput
        label={t(isMail ? 'password' : 'secret')}
        {...(target?.hasSecret && { description: t('secretKept') })}
        {...(wanted && { error: t(wanted) })}
        autoComplete="new-password"
        maxLength={200}
        value={secret}
        onChange={(event) => set({ secret: event.currentTarget.value })}
      />
      {target?.hasSecret && !isMail && (
        <Checkbox
          label={t('noSecret')}
          checked={draft.noSecret}
          disabled={secret !== ''}
          onChange={(event) => set({ noSecret: event.currentTarget.checked })}
        />
      )}
      <Input.Wrapper label={t('least')} labelElement="div">
        <SegmentedControl
          aria-label={t('least')}
          fullWidth
          data={alertSeverities.map((value) => ({ value, label: tUi(value) }))}
          value={least}
          onChange={(value) => set({ least: alertSeverities.find((one) => one === value) ?? least })}
        />
      </Input.Wrapper>
      <Checkbox
        label={t('withCommand')}
        description={t('withCommandHint')}
        checked={withCommand}
        onChange={(event) => set({ withCommand: event.currentTarget.checked })}
      />
      <Checkbox
        label={t('sending')}
        checked={enabled}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
