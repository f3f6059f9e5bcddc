import { Button, FileButton, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { type Credential, type CredentialSecret, nameSchema } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../data/secretCall.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Admin.module.css';
import { adminTexts } from './texts.ts';

const empty = { privateKey: '', passphrase: '', password: '', sudoPassword: '' };
const longestKey = 32_768;

/** A secret on its way into the vault: this form forgets it as soon as it was sent, whatever became of it. */
export function CredentialForm({ replaced, onClose }: { replaced: Credential | null; onClose: () => void }) {
  const t = useTexts(adminTexts);
  const add = useSecretCall('credentials.add', { refresh: ['credentials.list'] });
  const replace = useSecretCall('credentials.replace', { refresh: ['credentials.list'] });
  const [name, setName] = useState(replaced?.name ?? '');
  const [kind, setKind] = useState<CredentialSecret['kind']>(replaced?.kind ?? 'key');
  const [typed, setTyped] = useState(empty);
  const type = (more: Partial<typeof empty>) => setTyped((now) => ({ ...now, ...more }));
  const bad = name !== '' && !nameSchema.safeParse(name).success;
  async function submit(): Promise<void> {
    const params = { name, secret: secretOf(kind, typed) };
    setTyped(empty);
    const done = await (replaced === null ? add : replace).call(params);
    if (done) onClose();
  }
  return (
    <FormDialog
      title={replaced === null ? t('addCredentialTitle') : t('replaceCredential', { name: safeText(replaced.name) })}
      submit={replaced === null ? t('add') : t('replaceCredential', { name: safeText(replaced.name) })}
      disabled={name === '' || bad || (kind === 'key' ? typed.privateKey : typed.password) === ''}
      busy={add.busy || replace.busy}
      error={add.error ?? replace.error}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <p>{t('writeOnly')}</p>
      {replaced === null && (
        <TextInput
          label={t('name')}
          data-autofocus
          autoComplete="off"
          error={bad ? t('nameHint') : null}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <SegmentedControl
        aria-label={t('kind')}
        fullWidth
        data={[
          { value: 'key', label: t('key') },
          { value: 'password', label: t('password') },
        ]}
        value={kind}
        onChange={(value) => {
          setKind(value === 'key' ? 'key' : 'password');
          setTyped(empty);
        }}
      />
      {kind === 'key' ? (
        <>
          <Textarea
            className={css.secretText ?? ''}
            label={t('privateKey')}
            rows={5}
            spellCheck={false}
            autoComplete="off"
            maxLength={longestKey}
            value={typed.privateKey}
            onChange={(event) => type({ privateKey: event.currentTarget.value })}
          />
          <FileButton
            onChange={(file) => {
              if (file === null || file.size > longestKey) return;
              file.text().then(
                (privateKey) => type({ privateKey }),
                () => {},
              );
            }}
          >
            {(props) => <Button {...props}>{t('keyFile')}</Button>}
          </FileButton>
          <PasswordInput
            label={t('passphrase')}
            autoComplete="off"
            value={typed.passphrase}
            onChange={(event) => type({ passphrase: event.currentTarget.value })}
          />
        </>
      ) : (
        <PasswordInput
          label={t('loginPassword')}
          autoComplete="new-password"
          value={typed.password}
          onChange={(event) => type({ password: event.currentTarget.value })}
        />
      )}
      <PasswordInput
        label={t('sudoPassword')}
        autoComplete="off"
        value={typed.sudoPassword}
        onChange={(event) => type({ sudoPassword: event.currentTarget.value })}
      />
    </FormDialog>
  );
}

function secretOf(kind: CredentialSecret['kind'], typed: typeof empty): CredentialSecret {
  const { privateKey, passphrase, password, sudoPassword } = typed;
  const sudo = sudoPassword === '' ? {} : { sudoPassword };
  return kind === 'key'
    ? { kind, privateKey, ...(passphrase === '' ? {} : { passphrase }), ...sudo }
    : { kind, password, ...sudo };
}
