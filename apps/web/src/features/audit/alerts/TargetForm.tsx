import { Checkbox, Input, PasswordInput, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core';
import { type AlertTarget, alertEmailSchema, alertSeverities, alertTargetKinds } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../../data/secretCall.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { alertTexts } from './texts.ts';

const refresh = { refresh: ['alertTargets.list'] } as const;

/** Where alerts are sent to. Address and secret are forgotten as soon as they were sent, whatever became of them. */
export function TargetForm({ target, onClose }: { target: AlertTarget | null; onClose: () => void }) {
  const t = useTexts(alertTexts);
  const tUi = useTexts(uiTexts);
  const add = useSecretCall('alertTargets.add', refresh);
  const update = useSecretCall('alertTargets.update', refresh);
  const [name, setName] = useState(target?.name ?? '');
  const [kind, setKind] = useState(target?.kind ?? 'webhook');
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState('');
  const [from, setFrom] = useState(target?.email?.from ?? '');
  const [to, setTo] = useState(target?.email?.to ?? []);
  const [user, setUser] = useState(target?.email?.user ?? '');
  const isMail = kind === 'email';
  const email = isMail ? { email: { from: from.trim(), to, ...(user.trim() !== '' && { user: user.trim() }) } } : {};
  const mailReady = !isMail || alertEmailSchema.safeParse(email.email).success;
  const [least, setLeast] = useState(target?.least ?? 'warning');
  const [withCommand, setWithCommand] = useState(target?.withCommand ?? true);
  const [enabled, setEnabled] = useState(target?.enabled ?? true);
  async function submit(): Promise<void> {
    const shown = { name: name.trim(), enabled, least, withCommand };
    const secrets = { ...(url !== '' && { url: url.trim() }), ...(secret !== '' && { secret }) };
    setUrl('');
    setSecret('');
    const done =
      target === null
        ? await add.call({ target: { ...shown, kind, url: url.trim(), ...secrets, ...email } })
        : await update.call({ id: target.id, target: { ...shown, ...secrets, ...email } });
    if (done) onClose();
  }
  return (
    <FormDialog
      title={target === null ? t('addTarget') : t('editTarget', { name: safeText(target.name) })}
      submit={target === null ? t('addTarget') : t('save')}
      disabled={name.trim() === '' || !mailReady || (target === null && !URL.canParse(url.trim()))}
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
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t('kind')}
        data={alertTargetKinds.map((value) => ({ value, label: t(`kind_${value}`) }))}
        allowDeselect={false}
        disabled={target !== null}
        value={kind}
        onChange={(value) => setKind(alertTargetKinds.find((one) => one === value) ?? kind)}
      />
      <PasswordInput
        label={t('url')}
        description={[...(isMail ? [t('mailUrlHint')] : []), t('urlHint'), ...(target ? [t('urlKept')] : [])].join(' ')}
        placeholder={target?.origin ?? (isMail ? 'smtps://' : 'https://')}
        autoComplete="off"
        maxLength={1000}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      {isMail && (
        <>
          <TextInput
            label={t('mailFrom')}
            type="email"
            maxLength={200}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TagsInput label={t('mailTo')} splitChars={[',', ';', ' ']} value={to} onChange={setTo} />
          <TextInput
            label={t('mailUser')}
            description={t('mailUserHint')}
            autoComplete="off"
            maxLength={200}
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
          />
        </>
      )}
      <PasswordInput
        label={t(isMail ? 'password' : 'secret')}
        {...(target?.hasSecret && { description: t('secretKept') })}
        autoComplete="new-password"
        maxLength={200}
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <Input.Wrapper label={t('least')} labelElement="div">
        <SegmentedControl
          aria-label={t('least')}
          fullWidth
          data={alertSeverities.map((value) => ({ value, label: tUi(value) }))}
          value={least}
          onChange={(value) => setLeast(alertSeverities.find((one) => one === value) ?? least)}
        />
      </Input.Wrapper>
      <Checkbox
        label={t('withCommand')}
        description={t('withCommandHint')}
        checked={withCommand}
        onChange={(event) => setWithCommand(event.currentTarget.checked)}
      />
      <Checkbox label={t('sending')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
    </FormDialog>
  );
}
