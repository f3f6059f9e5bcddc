import { Button, SegmentedControl, TextInput } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { useEffect, useId, useState } from 'react';
import { useDesktop } from '../../app/DesktopContext.ts';
import { asOmError } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import type { Invitation, ServerConnection, SessionPort, Who } from '../../session/port.ts';
import { environments, type Profile } from '../../session/profile.ts';
import { safeText } from '../../ui/safeText.ts';
import { FailureNote } from './FailureNote.tsx';
import { Fingerprint } from './Fingerprint.tsx';
import { PasswordField } from './PasswordField.tsx';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

interface Props {
  port: SessionPort;
  invitation: Invitation;
  onSignedIn(connection: ServerConnection, who: Who): void;
  onTotp(connection: ServerConnection): void;
}

/** Shows host and key of an invite, and sends nothing before the button. */
export function EnrolForm({ port, invitation, onSignedIn, onTotp }: Props) {
  const t = useTexts(signInTexts);
  const onDesktop = useDesktop() !== null;
  const { address, tls, known, conflicting, elsewhere, code } = invitation;
  const [form, setForm] = useState({
    name: known?.name ?? address.replace(/:\d+$/, ''),
    userName: known?.userName ?? '',
    password: '',
    again: '',
    deviceName: port.deviceName(),
  });
  const [environment, setEnvironment] = useState<Profile['environment']>(known?.environment ?? null);
  const [keeps, setKeeps] = useState(true);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<OmError | null>(null);
  const environmentId = useId();
  useEffect(() => void port.keepsDeviceKeys().then(setKeeps, () => setKeeps(false)), [port]);

  const set = (change: Partial<typeof form>): void => setForm({ ...form, ...change });
  const text = (name: 'name' | 'userName' | 'deviceName') => ({
    ...{ value: form[name], required: true, withAsterisk: false, spellCheck: false },
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ [name]: event.currentTarget.value }),
  });
  const short = form.password.length < 10;
  const differs = form.password !== form.again;

  async function enrol(): Promise<void> {
    setTried(true);
    if (short || differs) return;
    setBusy(true);
    setError(null);
    try {
      const { name, userName, password, deviceName } = form;
      const person = { name: name.trim(), userName: userName.trim(), password, deviceName: deviceName.trim() };
      const { connection, step } = await port.enrol(invitation, { ...person, environment });
      if (step.next === 'done') onSignedIn(connection, step.who);
      else onTotp(connection);
    } catch (cause) {
      setError(asOmError(cause));
      setBusy(false);
    }
  }

  const server = (
    <>
      <dl className={css.facts}>
        <dt>{t('server')}</dt>
        <dd>
          <b>{safeText(address)}</b> · {tls ? t('overTls') : t('inClear')}
        </dd>
      </dl>
      <Fingerprint value={invitation.fingerprint} note={t('compare')} trusted={known !== null} />
      {conflicting && (
        <p className={css.warning} role="alert">
          {t('otherKey', { name: safeText(conflicting.name) })}
        </p>
      )}
    </>
  );
  if (elsewhere !== null) {
    return (
      <div className={css.form}>
        {server}
        <p>{t('elsewhere')}</p>
        <a href={elsewhere} rel="noreferrer">
          {safeText(elsewhere.replace(/#.*/, ''))}
        </a>
      </div>
    );
  }
  if (code === null) {
    return (
      <div className={css.form}>
        {server}
        <p className={css.warning}>{t('noCode')}</p>
      </div>
    );
  }
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void enrol();
      }}
    >
      {server}
      {known && <p className={css.meta}>{t('knownServer', { name: safeText(known.name) })}</p>}
      {!keeps && <p className={css.warning}>{t(onDesktop ? 'noKeyring' : 'pageOnlyWhy')}</p>}
      <TextInput {...text('userName')} label={t('userName')} autoComplete="username" autoCapitalize="none" autoFocus />
      <PasswordField
        {...{ label: t('newPassword'), hint: t('newPasswordHint'), value: form.password }}
        {...{ autoComplete: 'new-password', onChange: (password) => set({ password }) }}
        error={tried && short ? t('tooShort') : null}
      />
      <PasswordField
        {...{ label: t('again'), value: form.again, autoComplete: 'new-password' }}
        onChange={(again) => set({ again })}
        error={tried && !short && differs ? t('differs') : null}
      />
      <TextInput {...text('name')} label={t('profileName')} maxLength={100} />
      <div>
        <p id={environmentId} className={css.label}>
          {t('environment')}
        </p>
        <SegmentedControl
          aria-labelledby={environmentId}
          fullWidth
          value={environment ?? 'none'}
          data={(['none', ...environments] as const).map((value) => ({ value, label: t(`env_${value}`) }))}
          onChange={(value) => setEnvironment(environments.find((name) => name === value) ?? null)}
        />
      </div>
      <TextInput
        {...text('deviceName')}
        {...{ label: t('deviceName'), description: t('deviceNameHint'), maxLength: 100 }}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
      />
      {error && <FailureNote error={error} />}
      <Button type="submit" variant="filled" fullWidth disabled={busy} aria-busy={busy}>
        {busy ? t('enrolling') : t('enrol')}
      </Button>
    </form>
  );
}
